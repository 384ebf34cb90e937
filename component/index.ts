/** The component: mediates offers and transfers on an XMPP server (XEP-0114). */

export type { CatalogueConfig, ComponentConfig, ComponentLimits, LogLevel } from './config/config.js'
export { logLevels, usualCatalogue, usualLimits } from './config/config.js'
export { ConfigFailed, type ConfigSources, environmentName, readConfig } from './config/read-config.js'
export { settings } from './config/settings.js'
export type { ComponentFigures, RunningComponent, StartConfig, StartOptions } from './service.js'
export { startComponent } from './service.js'
export { StoreFailed, type StoreFailedCode } from './store/store-failed.js'
