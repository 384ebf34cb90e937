/**
 * The component under load, in a process of its own: as shipped, but for the rates of one user, since a pair of the
 * load's users says more in a second than a person does in a day. It says `online` to its parent and ends with it.
 */

import { startComponent } from '../../component/index.js'

const { PORT, DOMAIN, SECRET, STATE } = process.env
const component = await startComponent({
  server: `xmpp://127.0.0.1:${PORT}`,
  domain: DOMAIN!,
  secret: SECRET!,
  state: STATE!,
  logLevel: 'error',
  limits: { perJid: { perSecond: 1e6, burst: 1e6 }, perDomain: { perSecond: 1e6, burst: 1e6 } },
})
await component.online
process.on('disconnect', () => {
  component.stop().finally(() => process.exit())
})
process.send!('online')
