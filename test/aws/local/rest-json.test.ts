import {
  CreateFunction$,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  type CreateFunctionCommandOutput,
  DeleteFunction$,
  DeleteFunctionCommand,
  type DeleteFunctionCommandInput,
  type DeleteFunctionCommandOutput,
  GetFunction$,
  GetFunctionCommand,
  type GetFunctionCommandInput,
  type GetFunctionCommandOutput,
  Invoke$,
  InvokeCommand,
  type InvokeCommandInput,
  type InvokeCommandOutput,
  type Lambda,
  LambdaClient,
  ListFunctions$,
  ListFunctionsCommand,
  type ListFunctionsCommandInput,
  type ListFunctionsCommandOutput,
  UntagResource$,
  UntagResourceCommand,
  type UntagResourceCommandInput,
  type UntagResourceCommandOutput,
} from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { operation } from '../../../src/aws/local/operation.ts';
import { ServiceError } from '../../../src/aws/local/service-error.ts';
import { CREDENTIALS, FREE, partOf, REGION, refusal, serve } from './harness.ts';

const seen: unknown[] = [];

const lambda = partOf<Lambda>({
  name: 'lambda',
  signingName: 'lambda',
  version: '2015-03-31',
  protocols: ['restJson1'],
  constraints: {
    structures: { GetFunctionRequest: { required: ['FunctionName'], members: { FunctionName: 'FunctionName' } } },
    shapes: { FunctionName: { min: 1, max: 140, pattern: '[a-zA-Z0-9-_:./]+' } },
  },
  operations: {
    Invoke: operation<InvokeCommandInput, InvokeCommandOutput>(Invoke$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        const { InvocationType, Payload } = input;
        if (InvocationType === 'Event') return { StatusCode: 202 };
        return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: Uint8Array.from(Payload ?? []).reverse() };
      },
    }),
    CreateFunction: operation<CreateFunctionCommandInput, CreateFunctionCommandOutput>(CreateFunction$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        const { FunctionName, Environment, Layers = [], MemorySize } = input;
        return {
          FunctionName,
          ...(MemorySize === undefined ? {} : { MemorySize }),
          Environment: { Variables: Environment?.Variables },
          Layers: Layers.map((Arn) => ({ Arn, CodeSize: 2 ** 40 })),
        };
      },
    }),
    ListFunctions: operation<ListFunctionsCommandInput, ListFunctionsCommandOutput>(ListFunctions$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        return { Functions: [], NextMarker: 'ä&b' };
      },
    }),
    GetFunction: operation<GetFunctionCommandInput, GetFunctionCommandOutput>(GetFunction$, {
      authorize: () => FREE,
      handle({ FunctionName }) {
        throw new ServiceError('ResourceNotFoundException', `Function not found: ${FunctionName}`, {
          status: 404,
          members: { Type: 'User' },
        });
      },
    }),
    DeleteFunction: operation<DeleteFunctionCommandInput, DeleteFunctionCommandOutput>(DeleteFunction$, {
      authorize: () => FREE,
      handle: () => ({ StatusCode: 204 }),
    }),
    UntagResource: operation<UntagResourceCommandInput, UntagResourceCommandOutput>(UntagResource$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        return {};
      },
    }),
  },
});

const server = await serve(lambda);
const client = new LambdaClient({ endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });

test('labels, headers, a payload and the status', async () => {
  const answer = await client.send(
    new InvokeCommand({
      FunctionName: 'arn:aws:lambda:x:fn/ä',
      Payload: Buffer.from('abc'),
      Qualifier: '$LATEST',
      LogType: 'Tail',
    }),
  );
  expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
  expect(Buffer.from(answer.Payload ?? []).toString()).toBe('cba');
  expect(seen.pop()).toEqual({
    FunctionName: 'arn:aws:lambda:x:fn/ä',
    Payload: Buffer.from('abc'),
    Qualifier: '$LATEST',
    LogType: 'Tail',
  });
  expect((await client.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }))).StatusCode).toBe(202);
});

test('structures in the body', async () => {
  const input = {
    FunctionName: 'f',
    Role: 'r',
    Code: { ZipFile: Buffer.from('zip') },
    MemorySize: 128,
    Publish: true,
    Environment: { Variables: { A: 'b' } },
    Layers: ['l1'],
    Tags: { t: 'u' },
  };
  expect(await client.send(new CreateFunctionCommand(input))).toMatchObject({
    $metadata: { httpStatusCode: 201 },
    MemorySize: 128,
    Environment: { Variables: { A: 'b' } },
    Layers: [{ Arn: 'l1', CodeSize: 2 ** 40 }],
  });
  expect(seen.pop()).toEqual(input);
});

test('parameters of the query, single and listed', async () => {
  expect(
    (await client.send(new ListFunctionsCommand({ MaxItems: 5, Marker: 'a&b=ä', FunctionVersion: 'ALL' }))).NextMarker,
  ).toBe('ä&b');
  expect(seen.pop()).toEqual({ MaxItems: 5, Marker: 'a&b=ä', FunctionVersion: 'ALL' });
  await client.send(new UntagResourceCommand({ Resource: 'arn:x/y', TagKeys: ['a', 'b c'] }));
  expect(seen.pop()).toEqual({ Resource: 'arn:x/y', TagKeys: ['a', 'b c'] });
});

test('an answer without a body', async () => {
  expect((await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }))).$metadata.httpStatusCode).toBe(204);
});

test('errors, with members of their own', async () => {
  const error = await client.send(new GetFunctionCommand({ FunctionName: 'nope' })).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: nope',
    Type: 'User',
    $metadata: { httpStatusCode: 404 },
  });
  expect(await refusal(client.send(new GetFunctionCommand({ FunctionName: '?' })))).toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value '?' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_:./]+",
  });
});

test.each([
  ['PATCH', '/2015-03-31/functions/f', 404, 'UnknownOperationException'],
  ['GET', '/', 404, 'UnknownOperationException'],
  ['GET', '/2015-03-31/functions/%ff', 400, 'SerializationException'],
  ['GET', '/2015-03-31/functions?MaxItems=1&MaxItems=2', 400, 'SerializationException'],
  ['GET', '/2015-03-31/functions?MaxItems=many', 400, 'SerializationException'],
])('%s %s is refused', async (method, target, status, code) => {
  const response = await fetch(server.url + target, { method });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, code]);
  expect(await response.json()).toMatchObject({ __type: code });
});
