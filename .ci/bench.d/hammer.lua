-- Asks about one page, each connection at most once in so many milliseconds (BENCH_PAUSE); so many of a hundred questions
-- (BENCH_UNKNOWN) are about pages that are not there, no two alike, and each question comes from one of as many
-- addresses (BENCH_ADDRESSES), as a trusted proxy would tell. Prints one line at the end: answers, microseconds, the 99th
-- percentile in microseconds, how many were turned away (429, or 503 for want of a place), failures.
local pause, unknown = tonumber(os.getenv("BENCH_PAUSE") or "20"), tonumber(os.getenv("BENCH_UNKNOWN") or "0")
local addresses, threads = tonumber(os.getenv("BENCH_ADDRESSES") or "1"), {}

function setup(thread)
    table.insert(threads, thread)
end

function init()
    away, missing = 0, 0
    math.randomseed(os.time())
end

function delay()
    return pause
end

function request()
    local path, from = wrk.path, math.random(addresses)
    if math.random(100) <= unknown then path = path .. "-" .. math.random(1000000000) end
    local hop = "10.0." .. math.floor(from / 256) .. "." .. from % 256
    return wrk.format("GET", path, { ["X-Forwarded-For"] = hop })
end

function response(status)
    if status == 429 or status == 503 then away = away + 1 end
    if status == 404 then missing = missing + 1 end
end

function done(summary, latency)
    local e, turned, answered = summary.errors, 0, 0
    for _, thread in ipairs(threads) do
        turned, answered = turned + thread:get("away"), answered + thread:get("missing")
    end
    -- That something is not there is a failure where nobody has asked about such a thing.
    if unknown == 0 then answered = 0 end
    local failed = e.connect + e.read + e.write + e.timeout + e.status - turned - answered
    print("figures", summary.requests, summary.duration, latency:percentile(99), turned, failed)
end
