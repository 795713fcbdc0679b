-- Sends the requests of a file, one after the other from a random one on, for some seconds, then lets the last answers come:
-- every request that was sent counts, and was answered. Prints one line of JSON.
-- wrk -t1 -c CLIENTS -s wrk.lua URL -- FILE SECONDS PAUSE CLIENTS, where PAUSE is the mean time in milliseconds that a client waits before
-- a request, and wrk's own duration is how long the last answers may take: it is interrupted once they are there.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds, nanoseconds; } moment;
  int clock_gettime(int, moment *); int getpid(void); int kill(int, int);
]]

local requests, nth, seconds, pause, clients, moment, began = {}, 0, 0, 0, 0, ffi.new("moment[1]"), nil
local LONG, MONOTONIC, INTERRUPT = 3600 * 1000, 1, 2

function setup(one)
  thread = one
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
  seconds, pause, clients = tonumber(arguments[2]), tonumber(arguments[3]), tonumber(arguments[4])
  math.randomseed(os.time())
  nth, sent, resting, lasted = math.random(#requests), 0, 0, seconds
end

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment[0].seconds) + tonumber(moment[0].nanoseconds) / 1e9
end

-- wrk calls this before each request of a client, and asks for one request more than it sends: this counts
function delay()
  local passed = now() - (began or now())
  if not began then began = now() end
  if passed >= seconds then
    resting = resting + 1
    if resting == clients then
      lasted = passed
      ffi.C.kill(ffi.C.getpid(), INTERRUPT)
    end
    return LONG
  end
  sent = sent + 1
  return pause == 0 and 0 or math.floor(2 * pause * math.random() + 0.5)
end

function request()
  nth = nth % #requests + 1
  return requests[nth]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format('{"requests": %d, "seconds": %f, "bytes": %d, "p50": %f, "p99": %f, "failed": %d}', summary.requests,
    thread:get("lasted"), summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout + thread:get("sent") - summary.requests))
end
