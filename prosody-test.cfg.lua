-- A private Prosody to try jabberFS with, and to test it on: loopback only, no TLS, temporary data.
--
-- By itself:     prosody -F --config prosody-test.cfg.lua
--                prosodyctl --config prosody-test.cfg.lua register faust localhost heinrich
-- From scripts:  scripts/private-prosody.ts sets the variables below, with ports that are free.
--
-- Never put this on a network: passwords cross it unencrypted.

local dir = ENV_JABBERFS_PROSODY_DIR or "/tmp/jabberfs-prosody"
local c2s_port = tonumber(ENV_JABBERFS_PROSODY_C2S_PORT or "5222")
local component_port = tonumber(ENV_JABBERFS_PROSODY_COMPONENT_PORT or "5347")
local secret = ENV_JABBERFS_PROSODY_SECRET or "s3cret"
local component_names = ENV_JABBERFS_PROSODY_COMPONENTS or "files.localhost"
local proxy_names = ENV_JABBERFS_PROSODY_PROXIES or ""
local proxy_port = tonumber(ENV_JABBERFS_PROSODY_PROXY_PORT or "5000")
local turn = ENV_JABBERFS_PROSODY_TURN or ""
local log_level = ENV_JABBERFS_PROSODY_LOG_LEVEL or "info"

if not ENV_JABBERFS_PROSODY_DIR then os.execute("mkdir -p -m 700 " .. dir .. "/certs") end

run_as_root = true -- as root Prosody would otherwise stay up half configured; for other users it means nothing
daemonize = false
pidfile = dir .. "/prosody.pid"
data_path = dir .. "/data"
certificates = dir .. "/certs"
log = { { levels = { min = log_level }, to = "file", filename = dir .. "/prosody.log" } }

interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
component_interfaces = { "127.0.0.1" }
c2s_ports = { c2s_port }
c2s_direct_tls_ports = { }
component_ports = { component_port }
proxy65_interfaces = { "127.0.0.1" }
proxy65_ports = proxy_names ~= "" and { proxy_port } or { }
s2s_ports = { }
s2s_direct_tls_ports = { }
http_ports = { }
https_ports = { }

-- The two lines that docs/operating.md recommends: without them an answer of more than 8 KB takes 40 ms.
network_default_read_size = 65536
network_settings = { nagle = false }

-- As Prosody has it, unless a measurement wants the third line that docs/operating.md recommends for many transfers.
if ENV_JABBERFS_PROSODY_GC then gc = { threshold = tonumber(ENV_JABBERFS_PROSODY_GC) } end

-- Four times the default: an expat with the fixes of 2024 puts off reading a long tag until twice as much is there, and
-- Prosody counts that as one stanza. So what is stock elsewhere, a stanza of up to 256 KiB, still comes through here.
c2s_stanza_size_limit = 1024 * 1024

authentication = "internal_hashed"
storage = "internal"
c2s_require_encryption = ENV_JABBERFS_PROSODY_NO_LOGIN == "1" -- without TLS no login is left, as where the key cannot be read
s2s_require_encryption = false
allow_unencrypted_plain_auth = true
allow_registration = false

local modules = { "roster"; "saslauth"; "disco"; "posix"; "ping"; "version"; "carbons"; "blocklist"; "smacks" }

-- Debian ships these limits. Tests want speed, so here they are on only when asked for.
if ENV_JABBERFS_PROSODY_RATE_LIMITS == "1" then
  modules[#modules + 1] = "limits"
  limits = { c2s = { rate = "10kb/s", burst = "2s" } }
end

-- A TURN server (coturn with use-auth-secret) that is there is named to clients (XEP-0215).
local turn_port, turn_secret = turn:match("^(%d+) (%S+)$")
if turn_port then
  modules[#modules + 1] = "external_services"
  external_services = {
    { type = "turn", transport = "tcp", host = "127.0.0.1", port = tonumber(turn_port), secret = turn_secret, ttl = 3600, algorithm = "turn" };
  }
end

modules_enabled = modules
modules_disabled = { "s2s"; "tls" }

VirtualHost "localhost"

for name in component_names:gmatch("%S+") do
  Component(name)
    component_secret = secret
end

for name in proxy_names:gmatch("%S+") do
  Component(name)("proxy65")
    proxy65_address = "127.0.0.1"
end
