-- Pushes what fans say, each time new words, signed as Weibo signs (fans-service.md §1). Prints one line at the end:
-- answers, microseconds, the 99th percentile in microseconds, failures.
local ffi = require("ffi")
ffi.cdef [[
    unsigned char *SHA1(const unsigned char *text, size_t length, unsigned char *digest);
    typedef struct { long sec; long usec; } weipu_time;
    int gettimeofday(weipu_time *now, void *zone);
]]
local crypto, digest, read = ffi.load("libcrypto.so.3"), ffi.new("unsigned char[20]"), ffi.new("weipu_time")
local secret, receiver, seed, said = nil, nil, 0, 0

function init()
    secret, receiver = os.getenv("BENCH_SECRET"), os.getenv("BENCH_RECEIVER")
    local random = io.open("/dev/urandom", "rb")
    for _ = 1, 5 do seed = seed * 256 + random:read(1):byte() end
    random:close()
end

function request()
    said = said + 1
    ffi.C.gettimeofday(read, nil)
    local millis = tonumber(read.sec) * 1000 + math.floor(tonumber(read.usec) / 1000)
    local timestamp, nonce = ("%.0f"):format(millis), ("%.0f%d"):format(seed, said)
    local parts = { secret, timestamp, nonce }
    table.sort(parts)
    local text = table.concat(parts)
    crypto.SHA1(text, #text, digest)
    local signature = {}
    for i = 0, 19 do signature[i + 1] = ("%02x"):format(digest[i]) end
    local query = ("?signature=%s&timestamp=%s&nonce=%s"):format(table.concat(signature), timestamp, nonce)
    local body = ('{"type":"text","receiver_id":%s,"sender_id":%d,"created_at":"%s","text":"%s","data":{}}'):format(
        receiver, 7100000000 + said % 2000, os.date("!%a %b %d %H:%M:%S +0000 %Y"), "茶还有吗 " .. nonce)
    return wrk.format("POST", wrk.path .. query, nil, body)
end

function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    print("figures", summary.requests, summary.duration, latency:percentile(99), failed)
end
