"""What all benchmarks say of a run, and where it goes; the table of ./dev bench classic."""
import json
import os
import platform
import re
import subprocess
import sys

from parley_tests import processes
from parley_tests.processes import ROOT

HERE = os.path.join(ROOT, "bench")


def progress(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine():
    with open("/proc/cpuinfo") as file:
        cpu = file.read()
    model = re.search(r"model name\s*: (.*)", cpu)
    return {
        "cpu": model.group(1) if model else platform.machine(),
        "cores": os.cpu_count(),
        "avx512_ifma": "avx512ifma" in cpu,
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"),
        "openssl": output("openssl", "version"),
        "python3_rsa": output("dpkg-query", "-W", "-f", "${Version}", "python3-rsa"),
        # Where this checkout lies is nobody's business.
        "parleyd": output(processes.program("parleyd"), "--version", "--verbose").replace(f"{ROOT}/", "").splitlines(),
        "commit": output("git", "describe", "--always", "--dirty"),
    }


def spread(entry, form="%.0f"):
    return "%s (%s–%s)" % tuple(form % entry[key] for key in ("median", "min", "max"))


def talk_table(results):
    rows = ["| | CPU µs a message | ÷ limit | messages/s | of all cores | latency µs, median | p99 |",
            "| --- | --- | --- | --- | --- | --- | --- |"]
    for bits in (2048, 512):
        rows.append("| OpenSSL's limit, %d-bit client | %s | 1 | | | | |"
                    % (bits, spread(results["limit_%d" % bits]["cpu_us_per_message"], "%.1f")))
    kinds = {"duplex_2048": "32 sessions, both ways at once, 2048-bit clients",
             "turns_2048": "32 sessions in turns, 2048-bit clients",
             "turns_512": "32 sessions in turns, 512-bit clients",
             "lone_2048": "a lone session in turns, 2048-bit clients"}
    names = {"auto": "Parley", "openssl": "Parley, `--crypto-mb off`", "original": "original design (python3-rsa)"}
    for kind, what in kinds.items():
        for name, who in names.items():
            r = results.get("%s_%s" % (name, kind))
            if r:
                rows.append("| %s: %s | %s | %s | %s | %s | %s | %s |" % (
                    who, what, spread(r["cpu_us_per_message"], "%.1f"), spread(r["cpu_by_limit"], "%.2f"),
                    spread(r["messages_per_s"]), spread(r["of_all_cores"], "%.2f"), spread(r["latency_p50_us"]),
                    spread(r["latency_p99_us"])))
    return rows


def bar_table(results, ifma):
    bar, aim, engine = ("0.50", "0.38", "with AVX-512 IFMA") if ifma else ("1.10", "1.05", "OpenSSL engine")
    loads = ("duplex_2048", "turns_2048", "turns_512")

    def worst(engine, key, pick):
        return pick((results["%s_%s" % (engine, load)][key] for load in loads), key=lambda e: e["median"])

    lone = results["auto_lone_2048"]["latency_over_limit_us"]
    rows = ["| what | reached (the worst of the three loads) | bar | aim |", "| --- | --- | --- | --- |",
            "| CPU a message ÷ limit, %s | %s | ≤ %s | ≤ %s |"
            % (engine, spread(worst("auto", "cpu_by_limit", max), "%.2f"), bar, aim)]
    if ifma:
        rows.append("| CPU a message ÷ limit, OpenSSL engine | %s | ≤ 1.10 | ≤ 1.05 |"
                    % spread(worst("openssl", "cpu_by_limit", max), "%.2f"))
    rows += ["| throughput ÷ what all cores could do | %s | ≥ 0.85 | |"
             % spread(worst("auto", "of_all_cores", min), "%.2f"),
             "| a lone message's latency over the limit | %s µs | ≤ 150 µs | |" % spread(lone)]
    for key, what, bar, aim in (("memory_shared_key", "a shared key", 12, 6), ("memory_own_keys", "a key each", 24, 16)):
        rows.append("| memory of an idle pair, %s (%d pairs) | %.1f KB | ≤ %d KB | ≤ %d KB |"
                    % (what, results[key]["pairs"], results[key]["bytes_per_pair"] / 1024, bar, aim))
    return rows


def heading(where, options):
    return "%s, %d cores, %sLinux %s, %s, %s, commit %s; %d round%s of %g s; median (least–most)." % (
        where["cpu"], where["cores"], "AVX-512 IFMA, " if where["avx512_ifma"] else "", where["kernel"],
        where["system"], where["openssl"].split(" (")[0], where["commit"], options.rounds,
        "s" if options.rounds > 1 else "", options.seconds)


def keep(name, lines, everything):
    """Writes results/NAME.json, and the lines between the marks of that name in README.md."""
    os.makedirs(os.path.join(HERE, "results"), exist_ok=True)
    with open(os.path.join(HERE, "results", name + ".json"), "w") as file:
        json.dump(everything, file, indent=1)
        file.write("\n")
    begin, end = "<!-- %s:begin -->" % name, "<!-- %s:end -->" % name
    path = os.path.join(HERE, "README.md")
    with open(path) as file:
        text = file.read()
    head, rest = text.split(begin)
    with open(path, "w") as file:
        file.write(head + begin + "\n" + "\n".join(lines) + "\n" + end + rest.split(end)[1])


def publish(results, options):
    where = machine()
    lines = [heading(where, options), ""]
    lines += bar_table(results, where["avx512_ifma"]) + [""] + talk_table(results)
    print("\n".join(lines))
    if not options.no_write:
        keep("classic", lines, {"machine": where, "results": results})
