import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseTcpTable, parseUnixTable, reachableListeners } from '../../src/os/listening-sockets.js';

const isLittleEndian = endianness() === 'LE';
if (!isLittleEndian) console.log('Skipped here: tables of a little-endian machine, because this one is not.');

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1069 1 0000000052ccb4a6 100 0 0 10 0                      
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 20345 1 0000000000000000 100 0 0 10 0                     
   2: 0100007F:1F90 0100007F:A3C2 01 00000000:00000000 00:00000000 00000000  1000        0 20399 1 0000000000000000 20 4 30 10 -1                    
  10: 0100007F:A3C2 0100007F:1F90 06 00000000:00000000 03:000017A2 00000000     0        0 0 3 0000000000000000                                      
`;

const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 32 1 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 33 1 0000000000000000 100 0 0 10 0
   3: B80D01200000000000000000010000FF:0052 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 34 1 0000000000000000 100 0 0 10 0
`;

const UNIX = `Num       RefCount Protocol Flags    Type St Inode Path
00000000569b5dfd: 00000003 00000000 00000000 0001 03  1066
ffff9a1c00000000: 00000002 00000000 00010000 0001 01 21001 /run/a b.sock
ffff9a1c00000001: 00000003 00000000 00000000 0001 03 21002 /run/a b.sock
ffff9a1c00000002: 00000002 00000000 00010000 0001 01 21003 ./relative.sock
ffff9a1c00000003: 00000002 00000000 00010000 0001 01 21004 @abstract
ffff9a1c00000004: 00000002 00000000 00010000 0001 01 21005
`;

describe.runIf(isLittleEndian)('the TCP table', () => {
  it('tells who listens, and not who is connected', () => {
    expect(parseTcpTable(TCP)).toEqual([
      { address: '0.0.0.0', port: 2024, inode: '1069' },
      { address: '127.0.0.1', port: 8080, inode: '20345' },
    ]);
  });

  it('tells of IPv6, too', () => {
    expect(parseTcpTable(TCP6)).toEqual([
      { address: '::1', port: 8080, inode: '31' },
      { address: '::', port: 80, inode: '32' },
      { address: '::ffff:127.0.0.1', port: 81, inode: '33' },
      { address: '2001:db8::ff00:1', port: 82, inode: '34' },
    ]);
  });

  it('may be empty, or something else', () => {
    expect(parseTcpTable('')).toEqual([]);
    expect(parseTcpTable('no\nsuch\ntable')).toEqual([]);
  });
});

describe('the table of Unix sockets', () => {
  it('tells who listens, with the path as it was bound', () => {
    expect(parseUnixTable(UNIX)).toEqual([
      { path: '/run/a b.sock', inode: '21001' },
      { path: './relative.sock', inode: '21003' },
      { path: '@abstract', inode: '21004' },
    ]);
  });
});

describe('the listeners that a connection may reach', () => {
  const reached = (address: string, bound: readonly string[]) =>
    reachableListeners(
      [
        ...bound.map((each, index) => ({ address: each, port: 80, inode: String(index) })),
        { address, port: 81, inode: 'another port' },
      ],
      address,
      80,
    ).map((listener) => listener.address);

  it.each([
    ['127.0.0.1', ['0.0.0.0', '127.0.0.1', '::'], ['127.0.0.1']],
    ['127.0.0.1', ['127.0.0.1', '127.0.0.1'], ['127.0.0.1', '127.0.0.1']],
    ['127.0.0.1', ['::', '0.0.0.0'], ['0.0.0.0']],
    ['127.0.0.1', ['::', '::1'], ['::']],
    ['127.0.0.1', ['::', '::ffff:127.0.0.1'], ['::ffff:127.0.0.1']],
    ['127.0.0.1', ['127.0.0.2', '::1'], []],
    ['::1', ['0.0.0.0', '::', '::1'], ['::1']],
    ['::1', ['0.0.0.0', '::'], ['::']],
    ['0:0:0:0:0:0:0:1', ['::1'], ['::1']],
    ['::1', ['0.0.0.0', '127.0.0.1'], []],
  ])('at %s of those bound to %j: %j', (address, bound, expected) => {
    expect(reached(address, bound)).toEqual(expected);
  });
});
