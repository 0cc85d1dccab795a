-- Asks for one page, each connection at most once in so many milliseconds (BENCH_PAUSE). Prints one line at the end:
-- answers, microseconds, the 99th percentile in microseconds, how many were turned away (429), failures.
local pause, turned, threads = tonumber(os.getenv("BENCH_PAUSE") or "20"), 0, {}

function setup(thread)
    table.insert(threads, thread)
end

function init()
    away = 0
end

function delay()
    return pause
end

function response(status)
    if status == 429 then away = away + 1 end
end

function done(summary, latency)
    local e = summary.errors
    for _, thread in ipairs(threads) do turned = turned + thread:get("away") end
    local failed = e.connect + e.read + e.write + e.timeout + e.status - turned
    print("figures", summary.requests, summary.duration, latency:percentile(99), turned, failed)
end
