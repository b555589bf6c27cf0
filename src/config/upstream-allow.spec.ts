import { UpstreamAllow } from './upstream-allow';

function allow(list = ''): UpstreamAllow {
  const parsed = UpstreamAllow.parse(list);
  if (Array.isArray(parsed)) throw new Error(parsed.join(' '));
  return parsed;
}

function problem(url: string, list = ''): string | null {
  return allow(list).problemWith(new URL(url));
}

const EVERYTHING = '0.0.0.0/0,::/0,localhost,metadata.google.internal,metadata.goog,169.254.169.254';

describe(UpstreamAllow.name, () => {
  describe('with an empty list', () => {
    it.each([
      'https://api.openai.com/v1',
      'https://api.openai.com:8443/v1/',
      'https://API.OpenAI.com./v1',
      'https://8.8.8.8/v1',
      'https://[2606:4700::1111]/v1',
      'https://[::ffff:8.8.8.8]/',
      'https://[64:ff9b::808:808]/',
      'https://[2002:808:808::1]/',
      'https://bücher.de/',
      'https://localhost.example.com/',
      'https://notlocalhost/',
    ])('accepts the public %s', (url) => {
      expect(problem(url)).toBeNull();
    });

    it.each([
      'http://api.openai.com/v1',
      'http://8.8.8.8/',
      'http://169.254.169.254.nip.io/',
      'https://localhost/',
      'https://LOCALHOST:8080/',
      'https://localhost./',
      'https://%6c%6f%63alhost/',
      'https://api.localhost/',
      'https://127.0.0.1/',
      'https://127.1/',
      'https://0x7f.1/',
      'https://2130706433/',
      'https://017700000001/',
      'https://0177.0.0.1/',
      'https://①②⑦.⓪.⓪.①/',
      'https://１２７．０．０．１/',
      'https://0/',
      'https://0.0.0.0/',
      'https://0.1.2.3/',
      'https://10.0.0.1/',
      'https://172.16.0.1/',
      'https://192.168.1.1:6379/',
      'https://100.64.0.1/',
      'https://100.127.255.255/',
      'https://192.0.0.1/',
      'https://192.0.2.1/',
      'https://198.18.0.1/',
      'https://224.0.0.1/',
      'https://240.0.0.1/',
      'https://[::]/',
      'https://[::1]/',
      'https://[::127.0.0.1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://[::ffff:7f00:1]/',
      'https://[::ffff:0:10.0.0.1]/',
      'https://[64:ff9b::7f00:1]/',
      'https://[64:ff9b::10.0.0.1]/',
      'https://[64:ff9b:1::808:808]/',
      'https://[2002:7f00:1::]/',
      'https://[2002:c0a8:101::1]/',
      'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
      'https://[fc00::1]/',
      'https://[fd12:3456:789a::1]/',
      'https://[fec0::1]/',
      'https://[ff02::1]/',
      'https://[100::1]/',
      'https://[2001:db8::1]/',
      'https://[4000::1]/',
    ])('refuses %s, naming the host and the setting', (url) => {
      expect(problem(url)).toMatch(/add it to UPSTREAM_ALLOW\.$/);
      expect(problem(url)).toContain(new URL(url).host);
    });
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.1.1/',
    'https://0xa9fea9fe/',
    'https://[fe80::1]/',
    'https://[febf::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::169.254.169.254]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[64:ff9b:1::a9fe:a9fe]/',
    'https://[2002:a9fe:a9fe::]/',
    'https://[fd00:ec2::254]/',
    'https://[fd20:ce::254]/',
    'https://100.100.100.200/',
    'https://[::ffff:100.100.100.200]/',
    'https://168.63.129.16/',
    'https://192.0.0.192/',
    'http://metadata.google.internal/',
    'https://METADATA.google.internal./',
    'https://metadata.goog/',
  ])('refuses %s even when everything is listed', (url) => {
    expect(problem(url, EVERYTHING)).toMatch(/^\S+ is a link-local or cloud metadata address/);
  });

  it.each([
    ['file:///etc/passwd', /starts with https/],
    ['gopher://api.example.com:70/', /starts with https/],
    ['data:text/plain,hello', /starts with https/],
    ['https://user:hidden@api.example.com/', /user name or password/],
    ['https://:hidden@api.example.com/', /user name or password/],
    ['https://api.example.com/v1?key=hidden', /query or a fragment/],
    ['https://api.example.com/v1?', /query or a fragment/],
    ['https://api.example.com/v1#hidden', /query or a fragment/],
    ['https://api.example.com/v1#', /query or a fragment/],
  ])('refuses the form of %s without repeating what may be secret', (url, sentence) => {
    expect(problem(url, EVERYTHING)).toMatch(sentence);
    expect(problem(url, EVERYTHING)).not.toContain('hidden');
  });

  it('reads a backslash as the end of the host, like the client that connects', () => {
    expect(problem('https://127.0.0.1\\@api.example.com/')).toContain('127.0.0.1');
  });

  it.each([
    ['http://localhost:8080/v1', 'localhost'],
    ['http://LOCALHOST.:8080/v1', 'localhost'],
    ['http://localhost:8080/v1', 'LocalHost.:8080'],
    ['http://ollama:11434/', ' , ollama:11434 ,'],
    ['http://api.example.com/', 'api.example.com:80'],
    ['https://api.localhost/', 'api.localhost:443'],
    ['http://bücher.de/', 'bücher.de'],
    ['http://127.1:3000/', '127.0.0.1'],
    ['http://127.0.0.1:3000/', '127.0.0.1:3000'],
    ['http://10.20.30.40/', '10.0.0.0/8'],
    ['http://[::ffff:10.20.30.40]/', '10.0.0.0/8'],
    ['http://[64:ff9b::10.20.30.40]/', '10.0.0.0/8'],
    ['http://[::1]:3000/', '::1'],
    ['http://[::1]:3000/', '[::1]'],
    ['http://[::1]:3000/', '[::1]:3000'],
    ['http://[fd12::5]/', 'fd00::/8'],
    ['http://8.8.8.8/', '8.8.8.8'],
  ])('accepts %s when %s is listed', (url, list) => {
    expect(problem(url, list)).toBeNull();
  });

  it.each([
    ['http://localhost:8081/', 'localhost:8080'],
    ['http://a.localhost/', 'localhost'],
    ['http://localhost/', '127.0.0.1'],
    ['http://127.0.0.1:81/', '127.0.0.1:80'],
    ['http://127.0.0.1/', '127.0.0.1:443'],
    ['http://11.0.0.1/', '10.0.0.0/8'],
    ['http://[::1]:3000/', '[::1]:3001'],
    ['http://evil-example.com/', 'example.com'],
    ['http://sub.example.com/', 'example.com'],
    ['http://10.0.0.1/', 'fd00::/8'],
  ])('refuses %s when only %s is listed', (url, list) => {
    expect(problem(url, list)).toContain('UPSTREAM_ALLOW');
  });

  it('accepts what its own sentence asks to add', () => {
    for (const url of ['http://[::1]:3000/', 'https://[64:ff9b::7f00:1]/', 'http://127.1:9/', 'https://localhost./']) {
      expect(problem(url, new URL(url).host)).toBeNull();
    }
  });

  describe('at connect time', () => {
    it.each([
      ['8.8.8.8', 'api.example.com', ''],
      ['2606:4700::1111', 'api.example.com', ''],
      ['64:ff9b::808:808', 'api.example.com', ''],
      ['127.0.0.1', 'localhost', 'localhost'],
      ['::1', 'LOCALHOST.', 'localhost:8080'],
      ['10.0.0.9', 'vllm.corp', 'vllm.corp'],
      ['10.0.0.9', 'vllm.corp', '10.0.0.0/8'],
      ['::ffff:10.0.0.9', 'vllm.corp', '10.0.0.0/8'],
      ['10.0.0.9', '10.0.0.9', '10.0.0.9:8080'],
      ['::1', '[::1]', '::1'],
    ])('lets a connection to %s for %s pass with the list "%s"', (address, host, list) => {
      expect(allow(list).allowsAddress(address, host, 8080)).toBe(true);
    });

    it.each([
      ['10.0.0.9', 'api.example.com', ''],
      ['10.0.0.9', 'api.example.com', 'other.example.com,11.0.0.0/8'],
      ['127.0.0.1', 'localhost', ''],
      ['127.0.0.1', 'localhost', 'localhost:9090'],
      ['127.0.0.1', '127.0.0.1', '127.0.0.1:9090'],
      ['::ffff:127.0.0.1', 'api.example.com', ''],
      ['::127.0.0.1', 'api.example.com', ''],
      ['0.0.0.0', 'api.example.com', ''],
      ['::1%lo', 'api.example.com', ''],
      ['169.254.169.254', 'rebound.example.com', `${EVERYTHING},rebound.example.com`],
      ['64:ff9b::a9fe:a9fe', 'rebound.example.com', `${EVERYTHING},rebound.example.com`],
      ['fe80::1%eth0', 'rebound.example.com', `${EVERYTHING},rebound.example.com`],
      ['fd00:ec2::254', 'rebound.example.com', `${EVERYTHING},rebound.example.com`],
      ['fd00:ec2::254%eth0', 'rebound.example.com', `${EVERYTHING},rebound.example.com`],
      ['8.8.8.8', 'metadata.google.internal', EVERYTHING],
      ['127.1', 'localhost', 'localhost'],
      ['not an address', 'localhost', 'localhost'],
      ['', 'localhost', 'localhost'],
    ])('stops a connection to %s for %s with the list "%s"', (address, host, list) => {
      expect(allow(list).allowsAddress(address, host, 8080)).toBe(false);
    });
  });

  describe('reading the list', () => {
    it.each([
      'https://api.example.com',
      'api.example.com/v1',
      'api.example.com:0',
      'api.example.com:65536',
      'api.example.com:',
      ':8080',
      '*.example.com',
      'two words',
      '10.0.0.0/33',
      '10/8',
      '010.0.0.0/8',
      '10.0.0.0/8:80',
      'example.com/8',
      'fd00::/129',
      '127.1',
      '0x7f.1:80',
      '[::1',
      '[localhost]:80',
      '[127.0.0.1]:80',
    ])('calls %s a fault', (entry) => {
      expect(UpstreamAllow.parse(`localhost, ${entry}`)).toEqual([expect.stringMatching(/^entry 2 /)]);
    });

    it('reports every fault, not only the first', () => {
      expect(UpstreamAllow.parse('127.1,ok.example.com,*,a:b')).toHaveLength(3);
    });

    it('takes an empty list and empty entries', () => {
      expect(UpstreamAllow.parse('')).toBeInstanceOf(UpstreamAllow);
      expect(UpstreamAllow.parse(' , ,localhost,')).toBeInstanceOf(UpstreamAllow);
    });
  });
});
