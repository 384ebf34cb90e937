/** The component as shipped, with its port for whole lists open, or closed when `LIST_PORT` is 0. It ends with its parent. */

import { startComponent } from '../../component/index.js'

const { PORT, DOMAIN, SECRET, STATE, LIST_PORT } = process.env
const component = await startComponent({
  server: `xmpp://127.0.0.1:${PORT}`,
  domain: DOMAIN!,
  secret: SECRET!,
  state: STATE!,
  logLevel: 'error',
  listPort: Number(LIST_PORT),
  listHost: '127.0.0.1',
})
await component.online
process.on('disconnect', () => {
  component.stop().finally(() => process.exit())
})
process.send!('online')
