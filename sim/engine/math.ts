/**
 * Logarithm, exponential, power and their kin, with the same bits in every runtime.
 *
 * JavaScript leaves `Math.log`, `Math.exp` and `Math.pow` to the runtime, and they do differ: between releases of one
 * engine, and more so between engines. A last bit is enough to round a random delay the other way, and from then on two
 * runs of one seed tell different stories. Only + − × ÷ and `Math.sqrt` are exact everywhere, so these functions are
 * made of nothing else.
 *
 * Constants have the digits that a double holds; the sources print more.
 *
 * `ln`, `exp` and `pow` are ported from fdlibm (e_log.c, e_exp.c, e_pow.c), errors below one unit in the last place:
 *
 *     Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 *
 *     Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is
 *     preserved.
 */

/** Where a number's bits are looked at. Always written before it is read, so it carries nothing from call to call. */
const bits = new DataView(new ArrayBuffer(8));

/** Sign, exponent and the first 20 bits of the fraction. */
function highWord(x: number): number {
  bits.setFloat64(0, x);
  return bits.getInt32(0);
}

function withHighWord(x: number, high: number): number {
  bits.setFloat64(0, x);
  bits.setInt32(0, high);
  return bits.getFloat64(0);
}

/** The number without the last 32 bits of its fraction: short enough for its products to be exact. */
function withoutLowWord(x: number): number {
  bits.setFloat64(0, x);
  bits.setInt32(4, 0);
  return bits.getFloat64(0);
}

/** ln 2 in two parts; the first has so few bits that its multiples are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** The natural logarithm: −Infinity of zero, NaN of anything below. */
export function ln(x: number): number {
  // x = 2^k (1 + f) with √½ < 1 + f < √2
  let high = highWord(x);
  let k = 0;
  if (high < 0x00100000) {
    if (x === 0) return -Infinity;
    if (!(x > 0)) return NaN;
    k = -54; // a subnormal number
    x *= 18014398509481984;
    high = highWord(x);
  }
  if (high >= 0x7ff00000) return x;
  k += (high >> 20) - 1023;
  high &= 0xfffff;
  const carry = (high + 0x95f64) & 0x100000;
  x = withHighWord(x, high | (carry ^ 0x3ff00000));
  k += carry >> 20;
  const f = x - 1;

  if ((0xfffff & (2 + high)) < 3) {
    // |f| < 2^-20
    if (f === 0) return k * LN2_HIGH + k * LN2_LOW;
    const r = f * f * (0.5 - 0.3333333333333333 * f);
    return k * LN2_HIGH - (r - k * LN2_LOW - f);
  }
  // ln(1 + f) = 2s + s R(s²), s = f / (2 + f)
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const r = odd + even;
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const half = 0.5 * f * f;
    return k === 0 ? f - (half - s * (half + r)) : k * LN2_HIGH - (half - (s * (half + r) + k * LN2_LOW) - f);
  }
  return k === 0 ? f - s * (f - r) : k * LN2_HIGH - (s * (f - r) - k * LN2_LOW - f);
}

/** A polynomial that `exp` and `pow` share: r − R(r²) where (exp(r) + 1) / (exp(r) − 1) = R(r²) / r. */
function exponentialKernel(r: number): number {
  const t = r * r;
  return (
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (0.00006613756321437934 + t * (-1.6533902205465251539e-6 + t * 4.1381367970572385e-8))))
  );
}

/** 2^n x for x in [½, 2], down to subnormal results. */
function scaled(x: number, n: number): number {
  if (n < -1021) return withHighWord(x, highWord(x) + ((n + 1000) << 20)) * 9.332636185032189e-302; // 2^-1000
  return withHighWord(x, highWord(x) + (n << 20));
}

/** e to the power of x. */
export function exp(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const size = highWord(x) & 0x7fffffff;
  if (size >= 0x7ff00000) return NaN;
  if (size < 0x3e300000) return 1 + x; // |x| < 2^-28
  if (x === 1) return Math.E; // the one round number that what follows gets wrong by a bit
  // x = k ln 2 + r, |r| ≤ ½ ln 2, r = high − low
  let k = 0;
  let high = x;
  let low = 0;
  if (size > 0x3fd62e42) {
    if (size < 0x3ff0a2b2) k = x < 0 ? -1 : 1;
    else k = (Math.LOG2E * x + (x < 0 ? -0.5 : 0.5)) | 0;
    high = x - k * LN2_HIGH;
    low = k * LN2_LOW;
  }
  const r = high - low;
  const c = exponentialKernel(r);
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  return scaled(1 - (low - (r * c) / (2 - c) - high), k);
}

/** 1/ln 2, and in two parts. */
const INVERSE_LN2 = Math.LOG2E;
const INVERSE_LN2_HIGH = 1.4426950216293335;
const INVERSE_LN2_LOW = 1.9259629911266175e-8;

/** 2/(3 ln 2), and in two parts. */
const CP = 0.9617966939259756;
const CP_HIGH = 0.9617967009544373;
const CP_LOW = -7.028461650952758e-9;

/** x to the power of y, for x ≥ 0 only (NaN below): nobody here has a use for the roots of negative numbers. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (!(x >= 0) || y !== y) return NaN;
  if (x === 0 || x === Infinity) return (x === 0) === y > 0 ? 0 : Infinity;
  if (y === 1) return x;
  if (y === 2) return x * x;
  if (y === 0.5) return Math.sqrt(x);
  if (y === -1) return 1 / x;

  // log2(x) = t1 + t2, t1 short
  let t1: number;
  let t2: number;
  if (Math.abs(y) >= 2147484160) {
    // beyond about 2^31 only an x next to 1 has a power within range
    const high = highWord(x);
    if (high < 0x3fefffff || high > 0x3ff00000 || Math.abs(y) > 36893488147419103232) {
      return x < 1 === y < 0 ? Infinity : 0;
    }
    const t = x - 1;
    const w = t * t * (0.5 - t * (0.3333333333333333 - t * 0.25));
    const u = INVERSE_LN2_HIGH * t;
    const v = t * INVERSE_LN2_LOW - w * INVERSE_LN2;
    t1 = withoutLowWord(u + v);
    t2 = v - (t1 - u);
  } else {
    let n = 0;
    let ax = x;
    let high = highWord(ax);
    if (high < 0x00100000) {
      ax *= 9007199254740992; // a subnormal number
      n = -53;
      high = highWord(ax);
    }
    n += (high >> 20) - 1023;
    const fraction = high & 0xfffff;
    high = fraction | 0x3ff00000;
    let k = 0; // |x| < √1.5
    if (fraction > 0x3988e) {
      if (fraction < 0xbb67a) {
        k = 1; // |x| < √3
      } else {
        n += 1;
        high -= 0x00100000;
      }
    }
    ax = withHighWord(ax, high);
    const base = k === 0 ? 1 : 1.5;
    const baseLog = k === 0 ? 0 : 0.5849624872207642; // log2 1.5 in two parts
    const baseLogLow = k === 0 ? 0 : 1.350039202129749e-8;

    // s = s_h + s_l = (x − base) / (x + base)
    let u = ax - base;
    let v = 1 / (ax + base);
    const s = u * v;
    const sHigh = withoutLowWord(s);
    let tHigh = withHighWord(0, ((high >> 1) | 0x20000000) + 0x00080000 + (k << 18));
    let tLow = ax - (tHigh - base);
    const sLow = v * (u - sHigh * tHigh - sHigh * tLow);
    // log(x)
    let s2 = s * s;
    let r =
      s2 *
      s2 *
      (0.5999999999999946 +
        s2 *
          (0.4285714285785502 +
            s2 *
              (0.33333332981837743 +
                s2 * (0.272728123808534 + s2 * (0.23066074577556175 + s2 * 0.20697501780033842)))));
    r += sLow * (sHigh + s);
    s2 = sHigh * sHigh;
    tHigh = withoutLowWord(3 + s2 + r);
    tLow = r - (tHigh - 3 - s2);
    u = sHigh * tHigh;
    v = sLow * tHigh + tLow * s;
    const pHigh = withoutLowWord(u + v);
    const pLow = v - (pHigh - u);
    const zHigh = CP_HIGH * pHigh;
    const zLow = CP_LOW * pHigh + pLow * CP + baseLogLow;
    t1 = withoutLowWord(zHigh + zLow + baseLog + n);
    t2 = zLow - (t1 - n - baseLog - zHigh);
  }

  // y log2(x) = p_h + p_l = n + the rest, |the rest| ≤ ½
  const yHigh = withoutLowWord(y);
  const pLow = (y - yHigh) * t1 + y * t2;
  let pHigh = yHigh * t1;
  const z = pLow + pHigh;
  if (z >= 1024 && (z > 1024 || pLow + 8.008566259537294e-17 > z - pHigh)) return Infinity;
  if (z <= -1075 && (z < -1075 || pLow <= z - pHigh)) return 0;
  let n = 0;
  if (Math.abs(z) > 0.5) {
    n = z < 0 ? -Math.floor(0.5 - z) : Math.floor(z + 0.5);
    pHigh -= n;
  }
  return powerOfTwo(pHigh, pLow, n);
}

/** 2^(n + high + low). */
function powerOfTwo(high: number, low: number, n: number): number {
  const t = withoutLowWord(low + high);
  const u = t * 0.6931471824645996; // ln 2 in two parts
  const v = (low - (t - high)) * Math.LN2 + t * -1.904654299957768e-9;
  const z = u + v;
  const w = v - (z - u);
  const c = exponentialKernel(z);
  const r = (z * c) / (c - 2) - (w + z * w);
  return scaled(1 - (r - z), n);
}

/** The polynomial with these coefficients, constant term first, at x. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let power = coefficients.length - 1; power >= 0; power--) sum = sum * x + coefficients[power];
  return sum;
}

/** Numerators and denominators of `normalQuantile`: in the middle, in the tails, far out in the tails. */
const MIDDLE = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
] as const;
const TAIL = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const;
const FAR = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 0.000018463183175100548,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const;

/**
 * The value that a standard normal variate stays below with probability p, 0 < p < 1.
 *
 * M. J. Wichura: Algorithm AS 241, Applied Statistics 37 (1988), PPND16; about 16 digits.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(MIDDLE[0], r)) / polynomial(MIDDLE[1], r);
  }
  const r = Math.sqrt(-ln(q < 0 ? p : 1 - p));
  const z =
    r <= 5
      ? polynomial(TAIL[0], r - 1.6) / polynomial(TAIL[1], r - 1.6)
      : polynomial(FAR[0], r - 5) / polynomial(FAR[1], r - 5);
  return q < 0 ? -z : z;
}

/** C. Lanczos' series for the gamma function (1964), with g = 7 and nine terms as computed by P. Godfrey. */
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

const LN_SQRT_2PI = 0.9189385332046728;

/** The logarithm of the gamma function, x ≥ ½; about 15 digits. */
export function lnGamma(x: number): number {
  let sum: number = LANCZOS[0];
  for (let term = 1; term < LANCZOS.length; term++) sum += LANCZOS[term] / (x - 1 + term);
  const t = x + 6.5;
  return LN_SQRT_2PI + (x - 0.5) * ln(t) - t + ln(sum);
}

/**
 * sin(2πx): the sine of so many turns. The argument is brought to a quarter of a turn by exact steps, where the Taylor
 * series to the 23rd power leaves less than the rounding of its terms: a unit or two in the last place.
 */
export function sineOfTurns(turns: number): number {
  let part = turns - Math.round(turns);
  if (part > 0.25) part = 0.5 - part;
  else if (part < -0.25) part = -0.5 - part;
  const angle = part * TWO_PI;
  const square = angle * angle;
  let sum = 1;
  for (let power = 23; power > 1; power -= 2) sum = 1 - (square / (power * (power - 1))) * sum;
  return angle * sum;
}

const TWO_PI = 6.283185307179586;
