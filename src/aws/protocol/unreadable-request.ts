import { AwsError } from './aws-error.ts';

/** What Node's HTTP parser could not take, by its error code, as a refusal. `CONNECT` stands for that method. */
export function unreadableRequest(code: string): AwsError {
  switch (code) {
    case 'CONNECT':
      return new AwsError('MethodNotAllowed', 'Keyhold is not a proxy and does not serve CONNECT.');
    case 'HPE_HEADER_OVERFLOW':
      return new AwsError('HeadersTooLarge', 'The headers of the request are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AwsError('RequestTimeout', 'The headers of the request took too long to arrive.');
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return new AwsError(
        'MalformedRequest',
        'Content-Length and Transfer-Encoding of the request contradict each other.',
      );
    case 'HPE_INVALID_HEADER_TOKEN':
    case 'HPE_LF_EXPECTED':
    case 'HPE_CR_EXPECTED':
    case 'HPE_UNEXPECTED_SPACE':
      return new AwsError('MalformedRequest', 'A header of the request is malformed.');
    case 'HPE_INVALID_METHOD':
    case 'HPE_INVALID_URL':
    case 'HPE_INVALID_CONSTANT':
    case 'HPE_INVALID_VERSION':
      return new AwsError('MalformedRequest', 'This is not an HTTP/1.1 request that Keyhold can read.');
    case 'HPE_INVALID_CHUNK_SIZE':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new AwsError('MalformedRequest', 'The chunked body of the request is malformed.');
    default:
      return new AwsError('MalformedRequest', 'The request is not well-formed HTTP.');
  }
}
