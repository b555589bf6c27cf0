import type { VerdictRule } from './verdict-rule';

/** What Azure OpenAI's errors mean; what is not here, the generic rules decide. */
export const AZURE_RULES: readonly VerdictRule[] = [
  // The message names two causes, and only one of them is the key.
  {
    name: 'key-or-endpoint',
    statuses: [401],
    messagePrefixes: ['Access denied due to invalid subscription key'],
    kind: 'AMBIGUOUS',
  },
  {
    name: 'entra-token',
    statuses: [401],
    messagePrefixes: [
      'Unauthorized. Access token is missing',
      'Access token is missing',
      'The access token has expired',
    ],
    kind: 'CHANNEL',
  },
  // Provisional, like the next: Azure's bodies with 403 have only been seen in part.
  {
    name: 'network-rules',
    statuses: [403],
    messagePrefixes: [
      'Access denied due to Virtual Network/Firewall rules',
      'Public access is disabled',
      'Traffic is not from an approved private endpoint',
    ],
    kind: 'HOST',
  },
  {
    name: 'resource-blocked',
    statuses: [403],
    messagePrefixes: ['Your resource has been temporarily blocked', 'This resource has been temporarily blocked'],
    kind: 'CHANNEL',
  },
  {
    name: 'no-deployment',
    statuses: [404],
    names: ['DeploymentNotFound'],
    messagePrefixes: ['Resource not found', 'The API deployment for this resource does not exist'],
    kind: 'KEY_MODEL',
  },
  {
    name: 'high-demand',
    statuses: [429],
    messagePrefixes: ['The system is currently experiencing high demand'],
    kind: 'CHANNEL',
  },
  // The limit is the deployment's, and all keys of a resource share it.
  { name: 'deployment-rate-limit', statuses: [429], kind: 'KEY_RATE', scope: 'channel' },
];
