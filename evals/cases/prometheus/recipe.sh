# It watches itself, with one rule in a file of its own.
asked() { curl -sf -m 5 "http://127.0.0.1:9091/api/v1/$1" | grep "$2" >/dev/null; }
rule() { printf 'groups:\n- name: %s\n  interval: 1s\n  rules:\n  - record: %s:up\n    expr: up\n' "$1" "$1" >"/etc/prometheus/rules.d/$1.yml"; }
prepare() {
    rm -rf /var/lib/prometheus/metrics2 /etc/prometheus/rules.d
    mkdir -p /etc/prometheus/rules.d
    chown prometheus: /var/lib/prometheus # of some installations it is root's, and only what lies in it is not
    cat >/etc/prometheus/prometheus.yml <<-'END'
		global:
		  scrape_interval: 1s
		rule_files: ["/etc/prometheus/rules.d/*.yml"]
		scrape_configs:
		  - job_name: self
		    static_configs: [{targets: ["127.0.0.1:9091"]}]
	END
    rule one
}
ready() { curl -sf -m 2 http://127.0.0.1:9091/-/ready; }
request() { until asked 'query?query=one:up' self; do sleep 0.2; done; }
replace() {
    sed 's/job_name: self/job_name: other/' /etc/prometheus/prometheus.yml >/etc/prometheus/prometheus.yml.new
    mv /etc/prometheus/prometheus.yml.new /etc/prometheus/prometheus.yml
    rule two
}
reload() {
    kill -HUP "$PID"
    until asked targets other; do sleep 0.2; done
}
again() { until asked 'query?query=two:up' other; do sleep 0.2; done; }
