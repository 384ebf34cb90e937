/** The component in a process of its own, so that it can be killed. */

import { startComponent } from '../../component/index.js'

process.on('message', async (config: Parameters<typeof startComponent>[0]) => {
  const component = await startComponent({ ...config, logLevel: 'silent' })
  await component.online
  process.send!('online')
})
process.on('disconnect', () => process.exit(0))
