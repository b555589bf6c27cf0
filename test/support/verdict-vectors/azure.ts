import { vectorsOf } from './verdict-vector';

const error = (code: string, message: string): object => ({ error: { code, message } });

export const AZURE_VECTORS = vectorsOf('azure', [
  {
    title: 'filtered content',
    status: 400,
    body: {
      error: {
        message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        type: null,
        param: 'prompt',
        code: 'content_filter',
        status: 400,
        innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: {} },
      },
    },
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'content_filter' },
  },
  {
    title: 'a wrong key or a wrong endpoint',
    status: 401,
    body: error(
      '401',
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key.',
    ),
    verdict: { kind: 'AMBIGUOUS', rule: 'azure/key-or-endpoint', code: 'http_401' },
  },
  {
    title: 'an Entra token that has expired',
    status: 401,
    body: {
      statusCode: 401,
      message: 'Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired.',
    },
    verdict: { kind: 'CHANNEL', rule: 'azure/entra-token', code: 'http_401' },
  },
  {
    title: 'a firewall',
    status: 403,
    body: error('AccessDenied', 'Access denied due to Virtual Network/Firewall rules.'),
    verdict: { kind: 'HOST', rule: 'azure/network-rules', code: 'AccessDenied' },
  },
  {
    title: 'a private endpoint',
    status: 403,
    body: error('403', 'Public access is disabled. Please configure private endpoint.'),
    verdict: { kind: 'HOST', rule: 'azure/network-rules', code: 'http_403' },
  },
  {
    title: 'a resource blocked for abuse',
    status: 403,
    body: error(
      'Forbidden',
      'Your resource has been temporarily blocked because we detected behavior that may violate',
    ),
    verdict: { kind: 'CHANNEL', rule: 'azure/resource-blocked', code: 'Forbidden' },
  },
  {
    title: 'a deployment that does not exist',
    status: 404,
    body: error('DeploymentNotFound', 'The API deployment for this resource does not exist.'),
    verdict: { kind: 'KEY_MODEL', rule: 'azure/no-deployment', code: 'DeploymentNotFound' },
  },
  {
    title: 'a resource that is not found',
    status: 404,
    body: error('404', 'Resource not found'),
    verdict: { kind: 'KEY_MODEL', rule: 'azure/no-deployment', code: 'http_404' },
  },
  {
    title: 'a timeout',
    status: 408,
    body: error('Timeout', 'The operation was timeout.'),
    verdict: { kind: 'CHANNEL', rule: 'generic/timeout-or-conflict', code: 'Timeout' },
  },
  {
    title: 'a rate limit of the deployment',
    status: 429,
    headers: { 'retry-after-ms': '6000', 'retry-after': '6' },
    body: error('429', 'Requests to the ChatCompletions_Create Operation have exceeded token rate limit.'),
    verdict: { kind: 'KEY_RATE', rule: 'azure/deployment-rate-limit', code: 'http_429', scope: 'channel' },
  },
  {
    title: 'high demand',
    status: 429,
    body: {
      error: {
        message: 'The system is currently experiencing high demand and cannot process your request.',
        type: 'too_many_requests',
        param: null,
        code: 'too_many_requests',
      },
    },
    verdict: { kind: 'CHANNEL', rule: 'azure/high-demand', code: 'too_many_requests' },
  },
  {
    title: 'a failure of its own',
    status: 503,
    body: error('InternalServerError', 'Backend returned unexpected response.'),
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: 'InternalServerError' },
  },
]);
