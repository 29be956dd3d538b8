import { expect, test } from 'vitest';
import { containerEnv } from '../../src/cli/container-env.ts';

const given = { profile: 'lab', url: 'http://127.0.0.1:5/v1/credentials/1', token: 't', region: 'eu-central-1' };
const parent = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:4587',
  AWS_ENDPOINT_URL_S3: 'https://elsewhere.example',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  AWS_PROFILE: 'mine',
  HOME: '/home/ada',
};

test('a tool that sends its requests itself is told where its account is, and nothing of the caller’s overrules that', () => {
  const env = containerEnv(parent, { ...given, endpointUrl: 'https://s3.lab.example:9000' });
  expect(env).toMatchObject({
    AWS_ENDPOINT_URL: 'https://s3.lab.example:9000',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: given.url,
    HOME: '/home/ada',
  });
  expect(env).not.toHaveProperty('AWS_ENDPOINT_URL_S3');
});

test('no prefix is put before the host of an endpoint on this machine', () => {
  const name = 'AWS_DISABLE_HOST_PREFIX_INJECTION';
  expect(containerEnv(parent, { ...given, endpointUrl: 'http://127.0.0.1:9000' })).toMatchObject({ [name]: 'true' });
  expect(containerEnv(parent, { ...given, endpointUrl: 'https://s3.lab.example:9000' })).not.toHaveProperty(name);
});

test('for an account at AWS there is no endpoint but AWS’s own', () => {
  const env = containerEnv(parent, given);
  expect(Object.keys(env).filter((name) => name.includes('ENDPOINT'))).toEqual([]);
});
