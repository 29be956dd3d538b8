import { createInterface } from 'node:readline';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { HidConnection } from '../../src/core/ports.ts';
import { createNodeHid } from '../../src/daemon/hid/node-hid.ts';
import { hex } from './emulated-device.ts';

/**
 * Runs where the emulated hidraw devices are, with the real node-hid: a line of JSON in for each call of the port, one out for each answer and event.
 * remote-hid.ts is its other end.
 */
const hid = createNodeHid();
const connections = new Map<number, HidConnection>();
let last = 0;

const tell = (message: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
const bytes = (text: unknown): Uint8Array => Uint8Array.from(Buffer.from(String(text), 'hex'));

async function open(path: string): Promise<number> {
  const connection = await hid.open(path);
  last += 1;
  const number = last;
  connections.set(number, connection);
  connection.onReport((report) => tell({ connection: number, report: hex(report) }));
  connection.onGone(() => tell({ connection: number, gone: true }));
  return number;
}

async function call(method: string, connection: HidConnection | undefined, argument: unknown): Promise<unknown> {
  switch (method) {
    case 'list':
      return hid.list();
    case 'open':
      return open(String(argument));
    case 'write':
      return connection?.write(bytes(argument));
    case 'setFeature':
      return connection?.sendFeatureReport(bytes(argument));
    case 'getFeature':
      return hex((await connection?.getFeatureReport(Number(argument))) ?? new Uint8Array());
    case 'close':
      return connection?.close();
    default:
      throw new Error(`no method ${method}`);
  }
}

tell({ mock: process.env['UMOCKDEV_DIR'] });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, connection, argument } = JSON.parse(line);
  call(String(method), connections.get(Number(connection)), argument).then(
    (result) => tell({ id, result: result ?? null }),
    (error) =>
      tell({
        id,
        error: error instanceof KeyholdError ? error.toWire() : { code: 'Internal', message: String(error) },
      }),
  );
}
process.exit(0);
