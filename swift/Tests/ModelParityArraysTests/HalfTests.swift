import ModelParityArrays
import Testing

/// Against Swift's own Float16, which Macs with Intel processors lack.
#if !(os(macOS) && arch(x86_64))
  @Suite struct HalfTests {
    @Test func everyHalfWidensAsSwiftDoes() {
      for bits in UInt16.min...UInt16.max {
        let expected = Float(Float16(bitPattern: bits))
        let found = Half.widened(bits)
        #expect(found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN, "bits \(bits)")
      }
    }

    @Test func everyHalfComesBack() {
      for bits in UInt16.min...UInt16.max {
        let back = Half.narrowed(Half.widened(bits))
        let isNumber = !Float16(bitPattern: bits).isNaN
        #expect(isNumber ? back == bits : Float16(bitPattern: back).isNaN, "bits \(bits)")
      }
    }

    @Test func narrowingRoundsAsSwiftDoes() {
      // Every sign and exponent with fractions around the ties.
      for upper in UInt32(0)..<(1 << 16) {
        for lower: UInt32 in [0, 1, 0x0FFF, 0x1000, 0x1001, 0x7FFF, 0x8000, 0xFFFF] {
          let value = Float(bitPattern: upper << 16 | lower)
          let found = Half.narrowed(value)
          if value.isNaN {
            if !Float16(bitPattern: found).isNaN { Issue.record("\(value) became \(found)") }
          } else if found != Float16(value).bitPattern {
            Issue.record("\(value) became \(found), expected \(Float16(value).bitPattern)")
          }
        }
      }
    }
  }
#endif
