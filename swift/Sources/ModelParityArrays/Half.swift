/// Conversions between float16 and float32 by their bits: Swift's own Float16 does not exist on Macs with Intel
/// processors. IEEE 754-2008, binary16 and binary32; round to nearest, ties to even.
public enum Half {
  /// The float32 that a float16 is; exact.
  public static func widened(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:  // zero or subnormal: fraction * 2^-24, exact in float32
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 31:
      let quiet: UInt32 = fraction == 0 ? 0 : 0x40_0000
      return Float(bitPattern: sign | 0x7F80_0000 | quiet | fraction << 13)
    default:
      return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The float16 nearest to a float32; infinite from 65520 on.
  public static func narrowed(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude >= 0x7F80_0000 {  // infinite, or no number: keeps what fits of its payload, quiet
      let payload: UInt16 = magnitude == 0x7F80_0000 ? 0 : 0x200 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF
      return sign | 0x7C00 | payload
    }
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {  // below 2^-14: subnormal, in units of 2^-24
      let units = (Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven)
      return sign | UInt16(units)
    }
    let even = (magnitude >> 13) & 1
    return sign | UInt16(truncatingIfNeeded: (magnitude - 0x3800_0000 + 0xFFF + even) >> 13)
  }
}
