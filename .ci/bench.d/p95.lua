-- Asks for one page again and again. A page that is kept for all who ask the same is asked for in ever new words that
-- mean the same: the signs behind them are a number. Prints one line at the end: answers, the 95th percentile in
-- microseconds, failures.
local kept = wrk.path:find("^/search") ~= nil
local asked = 0
function request()
    if not kept then return wrk.format() end
    asked = asked + 1
    local path, left = wrk.path .. "%20", asked
    while left > 0 do
        path, left = path .. (left % 2 == 1 and "-" or "."), math.floor(left / 2)
    end
    return wrk.format(nil, path)
end
function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    print("figures", summary.requests, latency:percentile(95), failed)
end
