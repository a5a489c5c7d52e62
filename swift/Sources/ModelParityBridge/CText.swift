import Foundation

/// A C string that must be there, not empty and UTF-8.
func text(_ pointer: UnsafePointer<CChar>?, _ what: String) throws -> String {
  guard let pointer else { throw Failure.invalid("\(what) is a null pointer") }
  guard let text = String(validatingCString: pointer) else { throw Failure.invalid("\(what) is not UTF-8") }
  guard !text.isEmpty else { throw Failure.invalid("\(what) is empty") }
  return text
}

/// Memory that C frees with `free`.
func copiedForC(_ text: String) throws -> UnsafeMutablePointer<CChar> {
  guard let copy = strdup(text) else { throw Failure.noMemory(text.utf8.count + 1, for: "a text") }
  return copy
}

/// Words in quotes, in order.
func listed(_ words: some Sequence<String>) -> String {
  let found = words.sorted().map { "'\($0)'" }
  return found.isEmpty ? "none" : found.joined(separator: ", ")
}
