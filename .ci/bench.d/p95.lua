-- Prints one line at the end: answers, the 95th percentile in microseconds, failures.
function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    print("figures", summary.requests, latency:percentile(95), failed)
end
