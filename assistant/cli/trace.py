"""``landscribe trace``: what a trace says, line by line accounted for, and what it cannot say."""

from assistant.cli.inputs import Cwd, Foreign, Json, TraceFiles


def trace(traces: TraceFiles, cwd: Cwd = None, foreign: Foreign = False, as_json: Json = False) -> int:
    """Show what traces say, and what they cannot.

    Each access with the rights it needs and its first line; lines that were not understood, by kind.
    """
    from assistant.cli import console
    from assistant.cli.inputs import absolute, the_host
    from assistant.domain.report import Report
    from assistant.pipeline import name_traces, read_traces
    from assistant.render.inventory import inventory_data, inventory_text
    from assistant.render.report import report_data, report_text
    from assistant.trace.blindspots import blind_spots

    host = the_host(foreign=foreign)
    inventory = read_traces(name_traces(traces), host, cwd=absolute(cwd))
    report = Report.of(blind_spots(inventory, command_given=False, host_known=host.known))
    if as_json:
        console.result_json({**inventory_data(inventory), "report": report_data(report)})
    else:
        console.result(inventory_text(inventory))
    console.say(report_text(report))
    return int(report.exit)
