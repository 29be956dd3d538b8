import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import { FILE_PART_BYTES, FilePart } from '../contract/files.ts';
import { readBody } from './read-body.ts';

/** The FilePart in a query, as `?id=…&index=0&last=false`. */
const Query = z
  .strictObject({
    id: z.string(),
    index: z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
    last: z.enum(['true', 'false']).transform((text) => text === 'true'),
  })
  .pipe(FilePart);

/** A part of a file, and what it says of itself. Throws `InvalidInput`. */
export async function readFilePart(request: IncomingMessage): Promise<{ part: FilePart; bytes: Buffer }> {
  const [, query = ''] = (request.url ?? '').split('?', 2);
  const parsed = Query.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (!parsed.success)
    throw new KeyholdError('InvalidInput', 'The request does not say which part of which file it is.');
  return { part: parsed.data, bytes: await readBody(request, 'application/octet-stream', FILE_PART_BYTES) };
}
