import CModelParity
import Foundation
import Testing

/// What the bridge answers before any model comes into it: the same with Core ML and with the stand-in.
@Suite struct EdgeTests {
  private func says(_ status: Int32, _ words: String) -> Bool {
    status == -1 && String(cString: mp_last_error()).contains(words)
  }

  @Test func aboutNamesTheRuntime() throws {
    let text = try #require(mp_about())
    defer { mp_text_free(text) }
    let about = try JSONSerialization.jsonObject(with: Data(String(cString: text).utf8)) as? [String: Any]
    #if os(Linux)
      #expect(about?["runtime"] as? String == "stand-in")
    #else
      #expect(about?["runtime"] as? String == "Core ML")
      #expect(mp_standin_register(nil) == -5)
      #expect(mp_standin_behave("plain") == -5)
      #expect(String(cString: mp_last_error()).contains("Core ML itself runs here"))
    #endif
    #expect(about?["interface"] as? Int == Int(mp_interface()))
    #expect(Set(about?.keys.map { $0 } ?? []) == ["interface", "runtime", "swift", "system"])
  }

  @Test func nullPointersEverywhere() {
    var handle: OpaquePointer?
    var text: UnsafeMutablePointer<CChar>?
    var tensor = mp_tensor()
    var buffer = MMBuffer()
    #expect(says(mp_model_open(nil, nil, &handle), "the path of the model is a null pointer"))
    #expect(says(mp_model_open("m.mlmodel", nil, nil), "place for the model"))
    #expect(says(mp_model_describe(nil, &text), "the model is a null pointer"))
    #expect(says(mp_model_describe(nil, nil), "place for the JSON"))
    #expect(says(mp_model_plan(nil, &text), "the model is a null pointer"))
    #expect(says(mp_state_make(nil, &handle), "the model is a null pointer"))
    #expect(says(mp_state_make(nil, nil), "place for the state"))
    #expect(says(mp_state_reset(nil), "the state is a null pointer"))
    #expect(says(mp_model_run(nil, nil, 0, nil, nil, 0, &handle), "the model is a null pointer"))
    #expect(says(mp_model_run(nil, nil, 0, nil, nil, 0, nil), "place for the result"))
    #expect(says(mp_result_get(nil, 0, &tensor), "the result is a null pointer"))
    #expect(says(mp_result_count(nil), "the result is a null pointer"))
    #expect(says(mm_model_predict(nil, nil, nil, nil, 0, 0, &buffer), "the path of the model is a null pointer"))
    #expect(says(mm_model_predict(nil, "m.mlmodel", nil, nil, 0, 0, nil), "place for the output"))
    mp_model_close(nil)
    mp_state_free(nil)
    mp_result_free(nil)
    mp_text_free(nil)
    mm_buffer_free(nil)
    #expect(handle == nil && text == nil && buffer.data == nil)
  }

  @Test func pathsThatLeadToNoModel() throws {
    var handle: OpaquePointer?
    #expect(says(mp_model_open("", nil, &handle), "is empty"))
    #expect(says(mp_model_open("/nowhere/m.mlmodel", nil, &handle), "there is no model at '/nowhere/m.mlmodel'"))
    #expect(says(mp_model_open("/tmp", nil, &handle), "no Core ML model"))
    #expect(handle == nil)
  }

  @Test func textsAreCutBetweenCharacters() {
    var handle: OpaquePointer?
    let path = "/nowhere/" + String(repeating: "\u{1F9ED}", count: 3000) + ".mlmodel"
    #expect(mp_model_open(path, nil, &handle) == -1)
    let text = String(validatingCString: mp_last_error())
    #expect(text?.hasPrefix("there is no model at '/nowhere/") == true)
    #expect((text?.utf8.count ?? 0) < 4096)
  }

  @Test func aThreadHasItsOwnText() async {
    var handle: OpaquePointer?
    #expect(mp_model_open("", nil, &handle) == -1)
    let other = await withCheckedContinuation { (answer: CheckedContinuation<String, Never>) in
      Thread.detachNewThread { answer.resume(returning: String(cString: mp_last_error())) }
    }
    #expect(other.isEmpty)
  }
}
