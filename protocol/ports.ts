/**
 * Which ports may be dialled or announced (docs/protocol.md, "Candidates").
 *
 * A listening side takes a port of its own choosing, so there is no need to reach one where a known service lives, and
 * refusing them keeps a peer from making us knock at somebody's database. Everything below 1024 is refused; above it
 * the services that are often found open inside a network, and the ports that browsers refuse to touch.
 */

/** The first port that is not the system's. */
const firstUserPort = 1024

const servicePorts: ReadonlySet<number> = new Set([
  // proxies, tunnels, remote desktops and shells
  1080, 1194, 1723, 3128, 3389, 5900, 5901, 5902, 5985, 5986, 8118, 9050, 9051, 9150, 10000,
  // databases, caches, queues, search
  1433, 1434, 1521, 1883, 2181, 3306, 5432, 5433, 5671, 5672, 5984, 6379, 6380, 7000, 7001, 7474, 7687, 8086,
  8123, 8529, 9042, 9092, 9200, 9300, 11211, 15672, 26257, 27017, 27018, 27019, 28017, 50000,
  // what runs and configures other machines
  2049, 2375, 2376, 2377, 2379, 2380, 3260, 4243, 4369, 4646, 5555, 6443, 8200, 8300, 8500, 9000, 9001, 9090,
  9093, 10250, 10255, 50070,
  // web servers beside 80 and 443
  3000, 5000, 5601, 8000, 8008, 8009, 8080, 8081, 8082, 8083, 8088, 8090, 8181, 8443, 8834, 8888, 9443,
  // printers, phones, chat, mail, version control
  1719, 1720, 3659, 4045, 4190, 5060, 5061, 5222, 5223, 5269, 5270, 5280, 5281, 5347, 6566, 6660, 6661, 6662,
  6663, 6664, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9100, 9418, 10080, 25565,
  // X11
  6000, 6001, 6002, 6003,
])

/** Whether a candidate may have this port. */
export function portAllowed(port: number): boolean {
  return Number.isInteger(port) && port >= firstUserPort && port <= 65_535 && !servicePorts.has(port)
}

/** Where SOCKS5 proxies are found by habit; the list above keeps both from being dialled for anything else. */
const proxyPorts: ReadonlySet<number> = new Set([1080, 5000])

/** Whether a candidate of kind `proxy`, and no other, may have this port. */
export function isProxyPort(port: number): boolean {
  return proxyPorts.has(port)
}
