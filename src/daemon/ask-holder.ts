import { connect } from 'node:net';
import { MAX_FRAME_BYTES } from '../contract/wire.ts';
import { FrameReader } from './frame-reader.ts';

/**
 * Who listens on a control socket: null when nobody does. A listener that does not say who it is within `patienceMs` still counts.
 */
export function askHolder(path: string, patienceMs = 2000): Promise<{ pid?: number } | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const reader = new FrameReader(MAX_FRAME_BYTES);
    let connected = false;
    const timer = setTimeout(() => finish({}), patienceMs);
    function finish(answer: { pid?: number } | null): void {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    }
    socket.on('connect', () => {
      connected = true;
      socket.write(`${JSON.stringify({ id: 0, method: 'status.get', params: {} })}\n`);
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        const line = reader.push(chunk)[0];
        if (line === undefined) return;
        finish(pidOf(JSON.parse(line)));
      } catch {
        finish({});
      }
    });
    socket.on('error', () => finish(connected ? {} : null));
    socket.on('close', () => finish(connected ? {} : null));
  });
}

function pidOf(frame: unknown): { pid?: number } {
  if (typeof frame !== 'object' || frame === null || !('result' in frame)) return {};
  const { result } = frame;
  if (typeof result !== 'object' || result === null || !('pid' in result)) return {};
  return typeof result.pid === 'number' ? { pid: result.pid } : {};
}
