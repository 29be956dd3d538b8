import { parentPort } from 'node:worker_threads';
import type { MirrorRequest } from './protocol.ts';
import { createMirrorService } from './service.ts';

/** The thread of one mirror, or of the backups' folder: its disk may be slow or hang without holding up the daemon. */
const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const answer = createMirrorService();
port.on('message', (request: MirrorRequest) => {
  // It never rejects.
  void answer(request).then((frame) => port.postMessage(frame));
});
