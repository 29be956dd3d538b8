import { createKeyholdClient } from '../../client/client.ts';
import { createElectronTransport } from './electron-transport.ts';
import type { Transport } from './transport.ts';
import { createWebTransport, startSession } from './web-transport.ts';

const bridge = window.keyhold;

/** The shell this page runs in. */
export const transport: Transport =
  bridge === undefined ? createWebTransport(startSession) : createElectronTransport(bridge);

/** The whole client, for what the command line does the same way. */
export const client = createKeyholdClient((method, params) => transport.call(method, params));

/** One typed contract call. */
export const call = client.call;

/** One typed contract call whose parameters carry secrets sealed to the HSM process. */
export const callSealed = client.callSealed;
