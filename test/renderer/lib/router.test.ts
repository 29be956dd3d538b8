import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatRoute, parseRoute, SCREENS } from '../../../src/renderer/lib/router.ts';

test('a route survives its address, whatever the id', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SCREENS), fc.option(fc.string({ minLength: 1, unit: 'grapheme' })), (screen, id) => {
      const route = { screen, id: screen === 'home' ? null : id };
      expect(parseRoute(formatRoute(route))).toEqual(route);
    }),
  );
});

test.each(['', '#', '#/', '#/nowhere', '#token=abc', '#/home/x'])('%s is home', (hash) => {
  expect(parseRoute(hash)).toEqual({ screen: 'home', id: null });
});

test('a broken escape does not break the page', () => {
  expect(parseRoute('#/keys/%E0%A4%A')).toEqual({ screen: 'keys', id: '%E0%A4%A' });
});
