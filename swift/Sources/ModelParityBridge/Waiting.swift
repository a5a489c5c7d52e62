import Dispatch
import Foundation

/// What comes of asynchronous work, waited for: C has no other way.
func waiting<Result: Sendable>(
  _ doing: String, for work: @escaping @Sendable () async throws -> Result
) throws -> Result {
  let answer = Answer<Result>()
  let done = DispatchSemaphore(value: 0)
  Task {
    do {
      answer.set(.success(try await work()))
    } catch {
      answer.set(.failure(Failure(error, while: doing)))
    }
    done.signal()
  }
  done.wait()
  return try answer.get()
}

private final class Answer<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var result: Result<Value, Failure>?

  func set(_ result: Result<Value, Failure>) { lock.withLock { self.result = result } }

  func get() throws -> Value {
    guard let result = lock.withLock({ result }) else { throw Failure.failed("no answer came") }
    return try result.get()
  }
}
