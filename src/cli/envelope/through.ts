import { type Duplex, PassThrough, type Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Sends `source` through a stream of the Encryption SDK into `target`. Those streams throw past every handler when they are destroyed in the
 * middle, as `pipeline` would do when the disk is full, so here they are only ever left standing.
 */
export async function through(source: Readable, counter: Transform, stage: Duplex, target: Writable): Promise<void> {
  const result = new PassThrough();
  // More than once: some of their errors come from two of the streams inside.
  stage.on('error', (error) => result.destroy(error));
  counter.pipe(stage).pipe(result);
  try {
    await Promise.all([pipeline(source, counter), pipeline(result, target)]);
  } catch (error) {
    counter.unpipe(stage);
    source.destroy();
    counter.destroy();
    throw error;
  }
}
