import { describe, expect, it } from 'vitest';
import { plainScalar } from '../../../../reconciler/core/spec/scalar.ts';

describe('plainScalar', () => {
  it.each([
    ['', null],
    ['~', null],
    ['null', null],
    ['true', true],
    ['False', false],
    ['0', 0],
    ['-0', 0],
    ['+12', 12],
    ['089', 89],
    ['0o17', 15],
    ['0x1F', 31],
    ['1e3', 1000],
    ['.5', 0.5],
    ['2001-01-01', '2001-01-01'],
    ['1.2.3', '1.2.3'],
    ['yesterday', 'yesterday'],
    ['500m', '500m'],
    ['8080:80', '8080:80'],
    ['_1', '_1'],
    ['.x', '.x'],
  ])('reads %j as everybody does', (source, value) => {
    expect(plainScalar(source)).toEqual({ value });
  });

  it.each([
    ['yes', 'text', 'true'],
    ['Off', 'text', 'false'],
    ['n', 'text', 'false'],
    ['0777', 'the number 777', 'the number 511'],
    ['-010', 'the number -10', 'the number -8'],
    ['1_000', 'text', 'the number 1000'],
    ['0b11', 'text', 'the number 3'],
    ['0X1F', 'text', 'the number 31'],
    ['1_0.5', 'text', 'the number 10.5'],
    ['.8_7', 'text', 'the number 0.87'],
    ['1e400', 'the number Infinity', 'text'],
  ])('doubts %j', (source, ours, theirs) => {
    const message = `${source} is ${ours} in YAML 1.2, and ${theirs} to the API server.`;
    expect(plainScalar(source).doubt).toEqual({ level: 'error', message });
  });

  it.each(['.inf', '-.INF', '.nan', '12345678901234567890'])(
    'refuses %s, which JSON cannot hold',
    (source) => {
      expect(plainScalar(source).doubt?.level).toBe('error');
    },
  );

  it('warns of base 60, which the API server reads as text', () => {
    expect(plainScalar('1:30').doubt?.level).toBe('warning');
    expect(plainScalar('1:30').value).toBe('1:30');
  });
});
