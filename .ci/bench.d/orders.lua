-- Sends the checkout form, each time with a key and a variant of its own, for BENCH_SECONDS; then something
-- cheap until wrk ends, so that every order asked for is also answered and counted.
-- Prints one line at the end: orders placed, microseconds, other answers to the form, failures.
local ffi = require("ffi")
ffi.cdef [[
    typedef struct { long sec; long usec; } weipu_time;
    int gettimeofday(weipu_time *now, void *zone);
]]
local read = ffi.new("weipu_time")
local function now()
    ffi.C.gettimeofday(read, nil)
    return tonumber(read.sec) * 1e6 + tonumber(read.usec)
end

local thread
function setup(made)
    thread = made
end

local skus, form, forms, cheap = {}, nil, nil, nil
-- Global, so that done() can ask the thread for them.
begun, ended, asked, placed = 0, 0, 0, 0

function init()
    local random = io.open("/dev/urandom", "rb")
    local seed = 0
    for _ = 1, 6 do seed = seed * 256 + random:read(1):byte() end
    random:close()
    math.randomseed(seed)
    for sku in os.getenv("BENCH_SKUS"):gmatch("%S+") do skus[#skus + 1] = sku end
    forms = tonumber(os.getenv("BENCH_SECONDS")) * 1e6
    form = os.getenv("BENCH_FORM")
    cheap = wrk.format("GET", "/robots.txt")
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

local function key()
    local r = math.random
    return ("%08x-%04x-4%03x-8%03x-%06x%06x"):format(
        r(0, 0xffffffff), r(0, 0xffff), r(0, 0xfff), r(0, 0xfff), r(0, 0xffffff), r(0, 0xffffff))
end

local checked = false
function request()
    if not checked then -- wrk looks at one request before it begins, and does not send it
        checked = true
        return cheap
    end
    local time = now()
    if begun == 0 then begun = time end
    if time - begun >= forms then return cheap end
    asked = asked + 1
    local body = form .. "&variant=" .. skus[math.random(#skus)] .. "&key=" .. key()
    return wrk.format("POST", nil, nil, body)
end

function response(status)
    if status == 303 then
        placed = placed + 1
        ended = now()
    end
end

function done(summary)
    local e = summary.errors
    local asked, placed = thread:get("asked"), thread:get("placed")
    print("figures", placed, thread:get("ended") - thread:get("begun"), asked - placed,
        e.connect + e.read + e.write + e.timeout)
end
