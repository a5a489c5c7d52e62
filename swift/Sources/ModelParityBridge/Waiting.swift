import Dispatch
import Foundation

/// What comes of asynchronous work, waited for: C has no other way.
///
/// The work has a thread of its own: the threads of Swift's pool may all be waiting here.
func waiting<Result: Sendable>(
  _ doing: String, for work: @escaping @Sendable () async throws -> Result
) throws -> Result {
  let answer = Answer<Result>()
  let done = DispatchSemaphore(value: 0)
  let run: @Sendable () async -> Void = {
    do {
      answer.set(.success(try await work()))
    } catch {
      answer.set(.failure(Failure(error, while: doing)))
    }
    done.signal()
  }
  if #available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *) {
    Task(executorPreference: OwnThread(), operation: run)
  } else {
    Task(operation: run)
  }
  done.wait()
  return try answer.get()
}

/// Runs what is asynchronous on a queue of its own, which gets a thread however many others wait.
@available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
private final class OwnThread: TaskExecutor {
  private let queue = DispatchQueue(label: "modelparity.waiting")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
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
