/** The component as a process of its own, for tests that kill it: configured by the environment, ended by SIGTERM. */

import { readConfig, startComponent } from '../../component/index.js'

const component = await startComponent(readConfig({ env: process.env }))
process.once('SIGTERM', () => {
  component.stop().then(() => process.exit(0))
})
await component.online
process.send?.('online')
