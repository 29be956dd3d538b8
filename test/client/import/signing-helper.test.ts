import { expect, test } from 'vitest';
import { readSigningHelper } from '../../../src/client/import/signing-helper.ts';

const ANCHOR = 'arn:aws:rolesanywhere:eu-central-1:222222222222:trust-anchor/1cb4e36e-e4ad-4bbb-9b37-fdafb2cbe4fe';
const PROFILE = 'arn:aws:rolesanywhere:eu-central-1:222222222222:profile/6f4943fb-13d4-4242-89c4-be367595c380';
const ROLE = 'arn:aws:iam::222222222222:role/build';
const ARNS = `--trust-anchor-arn ${ANCHOR} --profile-arn ${PROFILE} --role-arn ${ROLE}`;
const line = (options: string, arns = ARNS) =>
  readSigningHelper(`aws_signing_helper credential-process ${options} ${arns}`);

test('the line of the user guide is read, with and without equals signs, quotes and a path', () => {
  const read = {
    ...{ certificateFile: '/etc/pki/build.crt', privateKeyFile: '/etc/pki/build key.pem' },
    ...{ trustAnchorArn: ANCHOR, profileArn: PROFILE, role: { arn: ROLE }, left: [] },
  };
  expect(line(`--certificate /etc/pki/build.crt --private-key '/etc/pki/build key.pem'`)).toEqual(read);
  expect(line(`--certificate=/etc/pki/build.crt --private-key="/etc/pki/build key.pem"`)).toEqual(read);
  expect(
    readSigningHelper(
      `"C:/Program Files/aws_signing_helper.exe" credential-process --certificate a.crt --private-key b.key ${ARNS} --intermediates c.crt --session-duration 900 --role-session-name ci --endpoint https://vpce.example --region eu-central-1 --with-proxy --no-verify-ssl`,
    ),
  ).toMatchObject({
    intermediatesFile: 'c.crt',
    endpointUrl: 'https://vpce.example',
    role: { arn: ROLE, durationSeconds: 900, sessionName: 'ci' },
    left: [
      { option: '--with-proxy', reason: 'Keyhold has no such option' },
      { option: '--no-verify-ssl', reason: 'Keyhold always verifies who answers' },
    ],
  });
});

test('another program is none of its', () => {
  for (const other of [
    'aws-vault export x',
    'aws_signing_helper serve',
    '"unfinished',
    '/opt/not_aws_signing_helper_x y',
  ]) {
    expect(readSigningHelper(other)).toBeNull();
  }
});

test.each([
  ['--certificate a.crt --private-key pkcs11:token=x;object=y', 'in a PKCS#11 token'],
  ['--certificate a.crt --private-key handle:0x81000001', 'in a TPM'],
  ['--cert-selector Key=x509Subject,Value=CN=x', 'in the system’s certificate store'],
  ['--certificate a.crt --private-key b.key --pkcs8-password x', 'is encrypted'],
  ['--certificate a.p12', 'PKCS#12'],
  ['--certificate a.crt', '--private-key is missing'],
  [
    '--certificate a.crt --private-key b.key --session-duration 60',
    '--session-duration: a role’s session lasts at least',
  ],
])('%s stays behind with a plain reason', (options, why) => {
  expect(line(options)).toEqual({ refused: expect.stringContaining(why) });
});

test('an ARN that is none is said to be', () => {
  expect(line('--certificate a --private-key b', ARNS.replace('trust-anchor/', 'anchor/'))).toEqual({
    refused: '--trust-anchor-arn is no ARN of a trust anchor',
  });
  expect(line('--certificate a --private-key b', ARNS.replace(ROLE, 'build'))).toEqual({
    refused: expect.stringContaining('--role-arn: a role’s ARN looks like'),
  });
});
