"""The directives of a service that are known here, and what is done with each. What is in no table is said.

Source: systemd.exec(5), systemd.service(5), systemd.resource-control(5), systemd.kill(5), systemd.unit(5),
and what came after version 252 as far as it is known.
"""

from collections.abc import Iterator

from assistant.domain.unit import Unit


def _names(*rows: str) -> frozenset[str]:
    return frozenset(name for row in rows for name in row.split())


JUDGED = _names(
    "User Group SupplementaryGroups DynamicUser CapabilityBoundingSet AmbientCapabilities",
    "NoNewPrivileges SystemCallFilter SystemCallArchitectures SystemCallErrorNumber",
    "RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality",
    "MemoryDenyWriteExecute ProtectSystem ProtectHome PrivateTmp PrivateDevices ProtectKernelTunables",
    "ProtectKernelModules ProtectKernelLogs ProtectClock ProtectControlGroups ProtectHostname",
    "ProtectProc ProcSubset PrivateNetwork PrivateUsers PrivateIPC NetworkNamespacePath",
    "IPCNamespacePath ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths",
    "ReadWriteDirectories ReadOnlyDirectories InaccessibleDirectories TemporaryFileSystem BindPaths",
    "BindReadOnlyPaths RootDirectory RootImage RuntimeDirectory StateDirectory CacheDirectory",
    "LogsDirectory DeviceAllow DevicePolicy IPAddressAllow IPAddressDeny SocketBindAllow SocketBindDeny",
    "IPIngressFilterPath IPEgressFilterPath Type PIDFile NotifyAccess Sockets ExecStart ExecStartPre",
    "ExecStartPost ExecReload ExecStop ExecStopPost ExecCondition PermissionsStartOnly",
    "RootDirectoryStartOnly StandardInput StandardOutput StandardError LoadCredential",
    "LoadCredentialEncrypted SetCredential SetCredentialEncrypted ImportCredential OpenFile",
)
"""What the table, the facts and the traps are made from."""

NOT_JUDGED = {
    "SELinuxContext": "SELinux is a layer of its own, whose policy is not read",
    "AppArmorProfile": "AppArmor is a layer of its own, whose profile is not read",
    "SmackProcessLabel": "SMACK is a layer of its own, whose policy is not read",
    "RestrictFileSystems": "it allows types of file systems, not paths",
    "BPFProgram": "a program of the cgroup that is not read",
    "RestrictNetworkInterfaces": "it allows interfaces, not ports or addresses",
    "MountImages": "what the image puts where is not read",
    "ExtensionImages": "what the image puts where is not read",
    "ExtensionDirectories": "what they put over /usr is not read",
    "MountFlags": "how mounts spread is not looked at",
    "JoinsNamespaceOf": "the other unit's namespaces are not read",
    "SecureBits": "they change what becoming root means",
    "PAMName": "PAM can start a session with other limits, and moves the process out of the unit",
    "Delegate": "the service manages its own part of the cgroups",
    "DelegateSubgroup": "the service manages its own part of the cgroups",
    "ConfigurationDirectory": "a directory in /etc is made, and stays as read-only as /etc is",
    "RootHash": "it is about RootImage=",
    "RootImageOptions": "it is about RootImage=",
    "RootVerity": "it is about RootImage=",
    "PrivatePIDs": "the service sees its own processes only, where the service manager knows it",
    "PrivateBPF": "it gives the service a BPF file system of its own",
    "UserNamespacePath": "the namespace is another unit's",
    "NFTSet": "firewall rules may use it; they are not read",
    "USBFunctionDescriptors": "descriptors that the service inherits",
    "ExtraFileDescriptors": "descriptors that the service inherits",
}
"""What may restrict or widen access and is not in the table, with the reason."""

_NEUTRAL = _names(
    "RestartSec TimeoutSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutStartFailureMode",
    "TimeoutStopFailureMode TimeoutCleanSec RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec",
    "ExitType Restart RestartSteps RestartMaxDelaySec RestartMode RemainAfterExit GuessMainPID",
    "RestartPreventExitStatus RestartForceExitStatus SuccessExitStatus NonBlocking BusName",
    "FileDescriptorStoreMax FileDescriptorStorePreserve USBFunctionStrings OOMPolicy ReloadSignal",
    "RefreshOnReload WorkingDirectory RootHashSignature RootEphemeral Nice OOMScoreAdjust",
    "CoredumpFilter IOSchedulingClass IOSchedulingPriority CPUSchedulingPolicy CPUSchedulingPriority",
    "CPUSchedulingResetOnFork CPUAffinity NUMAPolicy NUMAMask UMask Environment EnvironmentFile",
    "PassEnvironment UnsetEnvironment RemoveIPC StandardInputText StandardInputData TTYPath TTYReset",
    "TTYVHangup TTYVTDisallocate TTYRows TTYColumns SyslogIdentifier SyslogFacility SyslogLevel",
    "SyslogLevelPrefix LogLevelMax LogRateLimitIntervalSec LogRateLimitBurst LogExtraFields",
    "LogFilterPatterns LogNamespace TimerSlackNSec KeyringMode SystemCallLog ExecSearchPath",
    "PrivateMounts MountAPIVFS BindLogSockets Personality MemoryKSM SetLoginEnvironment",
    "RuntimeDirectoryPreserve RuntimeDirectoryMode StateDirectoryMode CacheDirectoryMode",
    "LogsDirectoryMode ConfigurationDirectoryMode StateDirectoryQuota CacheDirectoryQuota",
    "LogsDirectoryQuota StateDirectoryAccounting IgnoreSIGPIPE UtmpIdentifier UtmpMode Slice",
    "AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes CPUAccounting",
    "CPUWeight StartupCPUWeight CPUShares StartupCPUShares CPUQuota CPUQuotaPeriodSec MemoryAccounting",
    "MemoryMin DefaultMemoryMin DefaultStartupMemoryLow DefaultMemoryLow MemoryLow StartupMemoryLow",
    "MemoryHigh StartupMemoryHigh MemoryMax StartupMemoryMax MemorySwapMax StartupMemorySwapMax",
    "MemoryZSwapMax StartupMemoryZSwapMax MemoryZSwapWriteback MemoryLimit MemoryPressureWatch",
    "MemoryPressureThresholdSec IOAccounting IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax",
    "IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec BlockIOAccounting",
    "BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight BlockIOReadBandwidth BlockIOWriteBandwidth",
    "TasksAccounting TasksMax DisableControllers IPAccounting ManagedOOMSwap ManagedOOMMemoryPressure",
    "ManagedOOMMemoryPressureLimit ManagedOOMMemoryPressureDurationSec ManagedOOMPreference",
    "CoredumpReceive SendSIGKILL SendSIGHUP KillMode KillSignal RestartKillSignal FinalKillSignal",
    "WatchdogSignal SurviveFinalKillSignal StartLimitInterval StartLimitBurst StartLimitAction",
    "FailureAction RebootArgument",
)
"""What says nothing about access: times, restarts, limits, logging. Limits are ``Limit...``."""

_UNIT = _names(
    "Description Documentation SourcePath Requires Requisite Wants BindsTo Upholds Conflicts Before",
    "After OnSuccess OnFailure PropagatesReloadTo ReloadPropagatedFrom PropagatesStopTo",
    "StopPropagatedFrom PartOf RequiresMountsFor WantsMountsFor StopWhenUnneeded RefuseManualStart",
    "RefuseManualStop AllowIsolate DefaultDependencies OnSuccessJobMode OnFailureJobMode",
    "OnFailureIsolate IgnoreOnIsolate JobTimeoutSec JobRunningTimeoutSec JobTimeoutAction",
    "JobTimeoutRebootArgument StartLimitIntervalSec StartLimitInterval StartLimitBurst StartLimitAction",
    "FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus RebootArgument",
    "CollectMode SurviveFinalKillSignal BindTo PropagateReloadTo PropagateReloadFrom",
    "RequiresOverridable RequisiteOverridable",
)
_INSTALL = _names(
    "Alias WantedBy RequiredBy UpheldBy Also DefaultInstance",
)


def unread(unit: Unit) -> Iterator[str]:
    """A sentence for each directive that is not judged, for each that is not known, and for odd lines."""
    for section, key in dict.fromkeys((setting.section, setting.key) for setting in unit.settings):
        if section.startswith("X-") or key.startswith("X-"):
            continue  # systemd passes over these, too.
        if key in NOT_JUDGED:
            yield f"{key}= is not judged: {NOT_JUDGED[key]}"
        elif not _is_known(section, key):
            yield f"{key}= in [{section}] is not known here: whether it restricts anything is unknown"
    for line in unit.strange:
        yield f"a line is no setting: {line}"


def _is_known(section: str, key: str) -> bool:
    if section == "Service":
        return key in JUDGED or key in _NEUTRAL or key.startswith("Limit")
    if section == "Unit":
        return key in _UNIT or key.startswith(("Condition", "Assert"))
    return section == "Install" and key in _INSTALL
