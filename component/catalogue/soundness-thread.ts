/** The thread that looks through a backup, says whether it is sound, and ends. */

import { parentPort, workerData } from 'node:worker_threads'
import { isSound } from './damage.js'

parentPort!.postMessage(isSound(workerData as string))
