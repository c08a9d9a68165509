"""The table of a run of ./dev bench relay."""
import report
from report import spread
from relays import NAMES

# Kind, figure, factor for showing, form, what, bar and aim: Parley's by the better of nginx and HAProxy.
RATIOS = [
    ("turns_32", "cpu_us_per_message", "CPU a message, 64 bytes to and fro, 32 pairs", 0.95, 0.85),
    ("turns_2000", "cpu_us_per_message", "the same, 2,000 pairs", 1.0, 0.85),
    ("stream_8", "cpu_s_per_gb", "CPU a GB, full records one way, 8 pairs", 0.82, 0.70),
]
# By nginx.
NGINX_RATIOS = [
    ("set_up", "cpu_us_per_pair", "set-up: CPU a pair ready", 1.0),
    ("half_load_32", "latency_p99_us", "p99 latency at half load, 32 pairs", 1.0),
]


def ratio(ours, theirs):
    """Of rounds measured side by side."""
    values = sorted(a / b for a, b in zip(ours["rounds"], theirs["rounds"]))
    middle = len(values) // 2
    median = values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
    return {"median": median, "min": values[0], "max": values[-1], "rounds": values}


def ratios(results):
    """{kind: by what, ratio}. Of what was measured only."""
    found = {}
    for kind, figure, *_ in RATIOS + NGINX_RATIOS:
        measured = results[kind]
        peers = [name for name in ("nginx", "haproxy") if name in measured]
        if (kind, figure) in [(k, f) for k, f, *_ in NGINX_RATIOS]:
            peers = [name for name in peers if name == "nginx"]
        if "parleyd" not in measured or not peers:
            continue
        better = min(peers, key=lambda name: measured[name][figure]["median"])
        found[kind] = {"by": better, "ratio": ratio(measured["parleyd"][figure], measured[better][figure])}
    return found


def bar_table(results):
    found = ratios(results)
    rows = ["| what | Parley ÷ | | bar | aim |", "| --- | --- | --- | --- | --- |"]
    for kind, _, what, bar, *aim in RATIOS + NGINX_RATIOS:
        if kind in found:
            rows.append("| %s | %s | %s | ≤ %.2f | %s |" % (
                what, NAMES[found[kind]["by"]], spread(found[kind]["ratio"], "%.2f"), bar,
                "≤ %.2f" % aim[0] if aim else ""))
    if "parleyd" in results["memory"]:
        idle = results["memory"]["parleyd"]["bytes_per_pair"]
        rows.append("| memory of an idle pair, 2,000 pairs | | %s | ≤ 36 KB | ≤ 12 KB |" % kilobytes(idle))
    return rows


def kilobytes(entry):
    return spread({key: entry[key] / 1024 for key in ("median", "min", "max")}, "%.1f") + " KB"


def relay_table(results, versions):
    rows = ["| | 32 pairs: CPU µs a message | messages/s | 2,000 pairs: CPU µs a message | messages/s | stream: CPU s "
            "a GB | MB/s | set-up: CPU µs a pair | idle pair |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name, who in NAMES.items():
        if name not in results["memory"]:
            rows.append("| %s | %s | | | | | | | |" % (who, versions.get(name, "not measured")))
            continue
        few, many, stream = (results[kind][name] for kind in ("turns_32", "turns_2000", "stream_8"))
        rows.append("| %s | %s | %s | %s | %s | %s | %.0f | %s | %s |" % (
            who, spread(few["cpu_us_per_message"], "%.1f"), spread(few["messages_per_s"]),
            spread(many["cpu_us_per_message"], "%.1f"), spread(many["messages_per_s"]),
            spread(stream["cpu_s_per_gb"], "%.2f"), stream["messages_per_s"]["median"] * 16384 / 1e6,
            spread(results["set_up"][name]["cpu_us_per_pair"]), kilobytes(results["memory"][name]["bytes_per_pair"])))
    return rows


def latency_table(results, rate):
    rows = ["| %.0f messages/s over 32 pairs | latency µs, median | p99 | the relay's share of a core | the load's |" % rate,
            "| --- | --- | --- | --- | --- |"]
    for name, r in results["half_load_32"].items():
        rows.append("| %s | %s | %s | %s | %s |" % (
            NAMES[name], spread(r["latency_p50_us"]), spread(r["latency_p99_us"]), spread(r["relay_cores"], "%.2f"),
            spread(r["load_generator_cores"], "%.2f")))
    return rows


def growth_table(results):
    names = list(results["growth"])
    if not names:
        return []
    rows = ["| connections | %s |" % " | ".join("%s: CPU µs a message | a pair" % NAMES[name] for name in names),
            "| --- |" + " --- | --- |" * len(names)]
    for pairs in results["growth"][names[0]]:
        entries = [results["growth"][name][pairs] for name in names]
        rows.append("| %d | %s |" % (2 * pairs, " | ".join("%s | %.1f KB" % (
            spread(e["cpu_us_per_message"], "%.1f"), e["bytes_per_pair"] / 1024) for e in entries)))
    return rows


def publish(results, versions, rate, options):
    where = {**report.machine(), "relays": versions}
    lines = [report.heading(where, options), "References: %s." % "; ".join(versions[n] for n in ("nginx", "haproxy")), ""]
    lines += bar_table(results) + [""] + relay_table(results, versions) + [""] + latency_table(results, rate)
    if "growth" in results:
        lines += [""] + growth_table(results)
    print("\n".join(lines))
    if not options.no_write:
        report.keep("relay", lines, {"machine": where, "half_load_messages_per_s": rate, "ratios": ratios(results),
                                     "results": results})
