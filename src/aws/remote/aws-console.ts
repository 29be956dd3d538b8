import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';
import type { AwsConsole } from '../../core/console/aws-console.ts';
import { siteOfRegion } from '../../core/console/console-site.ts';
import { upstreamError } from '../forward/upstream-error.ts';
import { credentialsIn } from './aws-sts.ts';
import { queryRemote, type RemoteParts } from './query-remote.ts';

const STS = { service: 'sts', version: '2011-06-15' };
const TIMEOUT_MS = 20_000;
const MOST_BYTES = 64 * 1024;
const Answer = z.object({ SigninToken: z.string().min(1) });

/** Signing in to the console by federation (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html). */
export function createAwsConsole(parts: RemoteParts): AwsConsole {
  return {
    site: (region, endpointUrl) => (endpointUrl === undefined ? siteOfRegion(region) : null),

    async federationToken(place, { name, seconds, policyArn }) {
      const parameters = { Name: name, DurationSeconds: String(seconds), 'PolicyArns.member.1.arn': policyArn };
      const answer = await queryRemote(place, { ...STS, action: 'GetFederationToken', parameters }, parts);
      return credentialsIn(answer, 'GetFederationToken');
    },

    async signinToken({ signin }, credentials, seconds) {
      const body = formOf(credentials, seconds);
      try {
        const { status, text } = await post(new URL(`${signin}/federation`), body, parts);
        const answer = Answer.safeParse(parse(text));
        if (status === 200 && answer.success) return answer.data.SigninToken;
        throw new KeyholdError(
          'ServiceRefused',
          `AWS’s sign-in does not take the credentials (HTTP ${status}). Sessions of a user without a role are not taken, nor a longer time than the role’s maximum.`,
          { name: 'SigninRefused', status },
        );
      } finally {
        body.fill(0);
      }
    },
  };
}

/** In a body, because addresses are written to logs; put together from bytes, so that it can be wiped. */
function formOf(
  { accessKeyId, secret, token }: Parameters<AwsConsole['signinToken']>[1],
  seconds: number | undefined,
): Buffer {
  const duration = seconds === undefined ? '' : `&SessionDuration=${seconds}`;
  const text = (value: string): Buffer => Buffer.from(encodeURIComponent(value));
  const parts: Uint8Array[] = [
    Buffer.from(`Action=getSigninToken${duration}&SessionType=json&Session=`),
    text(`{"sessionId":${JSON.stringify(accessKeyId)},"sessionKey":"`),
    percentEncoded(secret),
    text('","sessionToken":"'),
    percentEncoded(token ?? new Uint8Array()),
    text('"}'),
  ];
  const body = Buffer.concat(parts);
  for (const part of parts) part.fill(0);
  return body;
}

const HEX = Buffer.from('0123456789ABCDEF');
const [PERCENT, QUOTE, BACKSLASH] = [0x25, 0x22, 0x5c];

/** The inside of a JSON string, in a form: each byte that is no letter or digit as %XX. Both are visible ASCII. */
function percentEncoded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length * 6);
  let length = 0;
  const encode = (byte: number): void => {
    out[length++] = PERCENT;
    out[length++] = HEX[byte >> 4] ?? 0;
    out[length++] = HEX[byte & 15] ?? 0;
  };
  for (const byte of bytes) {
    if (byte === QUOTE || byte === BACKSLASH) encode(BACKSLASH);
    if ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)) {
      out[length++] = byte;
    } else encode(byte);
  }
  const exact = out.slice(0, length);
  out.fill(0);
  return exact;
}

function post(url: URL, body: Buffer, { agents, clock }: RemoteParts): Promise<{ status: number; text: string }> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const sent = (secure ? httpsRequest : httpRequest)(url, {
      agent: secure ? agents.https : agents.http,
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': body.length,
        Accept: 'application/json',
      },
    });
    const timer = clock.setTimer(TIMEOUT_MS, () => {
      sent.destroy();
      reject(new KeyholdError('Timeout', `${url.host} did not answer in time. Try again.`));
    });
    const fail = (error: unknown): void => {
      timer.cancel();
      const { message } = upstreamError(error, url.host);
      reject(new KeyholdError('Unreachable', message, undefined, { cause: error }));
    };
    sent.on('error', fail);
    sent.once('response', (answer) => {
      collect(answer).then((text) => {
        timer.cancel();
        resolve({ status: answer.statusCode ?? 0, text });
      }, fail);
    });
    sent.end(body);
  });
}

async function collect(answer: IncomingMessage): Promise<string> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > MOST_BYTES) throw new Error('the answer is too long');
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
