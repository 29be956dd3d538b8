import { describe, expect, test } from 'vitest';
import { isUnencryptedEndpoint, NewEndpointUrl } from '../../src/contract/schemas.ts';

describe('an endpoint URL', () => {
  test.each([
    'https://s3.example.com',
    'https://minio.lab.example:9000/',
    'https://h.example/prefix/of@its/own',
    'http://127.0.0.1:9000',
    'http://[::1]:9000/',
    'http://LocalHost:4566/',
  ])('%s is taken', (url) => {
    expect(NewEndpointUrl.parse(url)).toBe(url);
  });

  test.each([
    ['https://user:pw@h.example/', 'user name or password'],
    ['https://user@h.example', 'user name or password'],
    ['https://@h.example', 'user name or password'],
    ['https://h.example/?q=1', 'query or fragment'],
    ['https://h.example?', 'query or fragment'],
    ['https://h.example/#x', 'query or fragment'],
    ['https:/\\user@h.example', 'https://'],
    ['https:h.example', 'https://'],
    ['https://h.example/a b', 'space'],
    ['ftp://h.example', 'https://'],
    ['h.example', 'https://'],
  ])('%s is not', (url, why) => {
    const { success, error } = NewEndpointUrl.safeParse(url);
    expect([success, error?.issues.map((issue) => issue.message).join(' ')]).toEqual([
      false,
      expect.stringContaining(why),
    ]);
    expect(error?.message).not.toContain('pw');
  });

  test.each([
    ['http://h.example', true],
    ['http://10.0.0.7:9000/', true],
    ['HTTP://H.EXAMPLE/', true],
    ['http://127.0.0.1.evil.example/', true],
    ['http://localhost.evil.example', true],
    ['http://2130706433/', true],
    ['https://h.example', false],
    ['http://localhost:4566', false],
    ['http://LOCALHOST/', false],
    ['http://minio.localhost:9000/', false],
    ['http://127.0.0.1', false],
    ['http://127.9.9.9:1/x', false],
    ['http://[::1]:9000', false],
  ])('%s leaves this machine unencrypted: %s', (url, expected) => {
    expect(isUnencryptedEndpoint(url)).toBe(expected);
  });
});
