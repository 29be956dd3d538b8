import { collect } from '../arguments.ts';
import { type Define, withExamples } from '../command.ts';
import { type CurlOptions, prepareRequest } from '../curl-options.ts';
import { ExitWith, usageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { quoteSh } from '../shells.ts';

interface SignOptions extends CurlOptions {
  service?: string;
  region?: string;
  curl?: boolean;
  send?: boolean;
  include?: boolean;
  fail?: boolean;
}

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold sign prod https://sts.amazonaws.com/ -d "Action=GetCallerIdentity&Version=2011-06-15" --send',
    'keyhold sign prod https://my-bucket.s3.eu-central-1.amazonaws.com/report.pdf --curl',
    'keyhold sign prod -X POST -d @body.json -H "content-type: application/json" --service execute-api --region eu-west-1 https://api.example.com/v1/orders',
  ])
    .argument('<profile>', 'the profile that signs')
    .argument('<url>', 'where the request goes')
    .option('-X, --request <method>', 'the HTTP method')
    .option('-I, --head', 'ask for the headers only')
    .option('-H, --header <header>', 'a header, "Name: value" (repeatable)', collect)
    .option('-d, --data <data>', 'the body, or @file, or @- (repeatable; line breaks of a file are taken out)', collect)
    .option('--data-binary <data>', 'the same, byte for byte (repeatable)', collect)
    .option('-T, --upload-file <file>', 'PUT this file')
    .option('--unsigned-payload', 'sign UNSIGNED-PAYLOAD instead of the body’s hash')
    .option('--service <name>', 'the signing name (default: from the host)')
    .option('--region <region>', 'the region (default: from the host, or the profile’s)')
    .option('--curl', 'print a whole curl command')
    .option('--send', 'send the request and print the answer')
    .option('-i, --include', 'with --send: print the answer’s headers too')
    .option('-f, --fail', 'with --send: exit code 1 for an HTTP status from 400 on')
    .action(async (profile: string, url: string, options: SignOptions) => {
      if (options.curl === true && options.send === true) throw usageError('Give --curl or --send, not both.');
      if (options.send === true && cli.json) {
        throw usageError('Give --send or --json, not both: --send prints the answer as it comes.');
      }
      const request = prepareRequest(url, options);
      const wanted = {
        profile,
        method: request.method,
        url: request.url,
        headers: request.headers,
        payloadHash: request.payloadHash,
        ...(options.service === undefined ? {} : { service: options.service }),
        ...(options.region === undefined ? {} : { region: options.region }),
      };
      const signed = await withPrompts(cli, ['gate'], () => cli.call('sign.headers', wanted));
      const names = new Set(signed.headers.map(([name]) => name.toLowerCase()));
      const headers = [...request.headers.filter(([name]) => !names.has(name.toLowerCase())), ...signed.headers];
      if (options.send === true) {
        const { sendRequest } = await import('../send-request.ts');
        const status = await sendRequest({ ...request, headers }, options.include === true);
        if (options.fail === true && status >= 400) throw new ExitWith(EXIT.failure);
        return;
      }
      cli.print(
        {
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(headers),
          service: signed.service,
          region: signed.region,
        },
        () =>
          options.curl === true
            ? `${curlCommand(request.method, request.url, headers, options)}\n`
            : signed.headers.map(([name, value]) => `-H ${quoteSh(`${name}: ${value}`)}\n`).join(''),
      );
    });
};

/** A curl command that sends exactly what was signed. */
function curlCommand(
  method: string,
  url: string,
  headers: ReadonlyArray<readonly [string, string]>,
  options: CurlOptions,
): string {
  const words = ['curl', '--globoff', '--path-as-is'];
  if (method === 'HEAD') words.push('--head');
  else words.push('-X', method);
  for (const [name, value] of headers) words.push('-H', `${name}: ${value}`);
  for (const data of options.data ?? []) words.push(data.startsWith('@') ? '--data' : '--data-raw', data);
  for (const data of options.dataBinary ?? []) words.push('--data-binary', data);
  if (options.uploadFile !== undefined) words.push('--upload-file', options.uploadFile);
  words.push(url);
  return words.map(quoteSh).join(' ');
}
