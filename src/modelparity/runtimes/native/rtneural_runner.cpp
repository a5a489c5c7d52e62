// Runs RTNeural models for modelparity: answers requests on standard input until it ends.
//
// A message is 4 bytes "MPc1", two little-endian 64-bit sizes, a JSON object, and arrays as safetensors
// (modelparity/runtimes/_messages.py). Requests:
//   {"do": "describe"}                                    -> {"compiler": ..., "alignment": ...}
//   {"do": "run", "path": ..., "precision": "float32"}    with "x" (batch, time, in)
//                                                         -> "y" (batch, time, out), "seconds" (batch, time)
// Every sequence of the batch starts from reset(). What RTNeural throws is answered as an error; where it would
// read beyond its own memory, which C++ leaves undefined, this program says so instead of going on.

#include <RTNeural/RTNeural.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

using json = nlohmann::json;

namespace
{
struct Array
{
    std::vector<std::int64_t> shape;
    std::vector<double> values;
};
using Arrays = std::map<std::string, Array>;

struct Refused : std::runtime_error
{
    Refused(std::string kind_, const std::string& what) : std::runtime_error(what), kind(std::move(kind_)) {}
    std::string kind;
};

// -- messages ----------------------------------------------------------------------------------------------

bool readExactly(char* to, std::size_t count)
{
    return std::fread(to, 1, count, stdin) == count;
}

std::uint64_t littleEndian(const unsigned char* bytes)
{
    std::uint64_t value = 0;
    for(int i = 7; i >= 0; --i)
        value = (value << 8) | bytes[i];
    return value;
}

void putLittleEndian(std::string& to, std::uint64_t value)
{
    for(int i = 0; i < 8; ++i)
        to.push_back((char)((value >> (8 * i)) & 0xff));
}

Arrays unpack(const std::string& data)
{
    Arrays found;
    if(data.empty())
        return found;
    if(data.size() < 8)
        throw Refused("RuntimeFailure", "arrays are cut off");
    const auto size = littleEndian((const unsigned char*)data.data());
    if(size > data.size() - 8)
        throw Refused("RuntimeFailure", "the header of the arrays is cut off");
    const auto header = json::parse(data.begin() + 8, data.begin() + 8 + (std::ptrdiff_t)size);
    const char* start = data.data() + 8 + size;
    const std::size_t length = data.size() - 8 - size;
    for(auto it = header.begin(); it != header.end(); ++it)
    {
        if(it.key() == "__metadata__")
            continue;
        Array array;
        std::uint64_t count = 1;
        for(const auto& n : it.value().at("shape"))
        {
            array.shape.push_back(n.get<std::int64_t>());
            count *= n.get<std::uint64_t>();
        }
        const auto from = it.value().at("data_offsets").at(0).get<std::uint64_t>();
        const auto to = it.value().at("data_offsets").at(1).get<std::uint64_t>();
        const auto dtype = it.value().at("dtype").get<std::string>();
        const std::size_t each = dtype == "F32" ? 4 : dtype == "F64" ? 8 : 0;
        if(each == 0 || from > to || to > length || to - from != count * each)
            throw Refused("RuntimeFailure", "array " + it.key() + " does not fit its data");
        array.values.resize(count);
        for(std::uint64_t i = 0; i < count; ++i)
        {
            if(each == 4)
            {
                float value;
                std::memcpy(&value, start + from + i * 4, 4);
                array.values[i] = value;
            }
            else
                std::memcpy(&array.values[i], start + from + i * 8, 8);
        }
        found[it.key()] = std::move(array);
    }
    return found;
}

// Results go out as double, which holds every float exactly.
void answer(const json& message, const Arrays& arrays = {})
{
    std::string data;
    if(!arrays.empty())
    {
        json header = json::object();
        std::uint64_t at = 0;
        for(const auto& one : arrays)
        {
            const auto end = at + one.second.values.size() * 8;
            header[one.first] = { { "dtype", "F64" }, { "shape", one.second.shape }, { "data_offsets", { at, end } } };
            at = end;
        }
        auto text = header.dump();
        text.append((8 - text.size() % 8) % 8, ' ');
        putLittleEndian(data, text.size());
        data += text;
        for(const auto& one : arrays)
            data.append((const char*)one.second.values.data(), one.second.values.size() * 8);
    }
    const auto text = message.dump(-1, ' ', false, json::error_handler_t::replace);
    std::string head = "MPc1";
    putLittleEndian(head, text.size());
    putLittleEndian(head, data.size());
    std::fwrite(head.data(), 1, head.size(), stdout);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fwrite(data.data(), 1, data.size(), stdout);
    std::fflush(stdout);
}

// -- models ------------------------------------------------------------------------------------------------

template <typename T>
std::unique_ptr<RTNeural::Model<T>> load(const std::string& path, int& width)
{
    std::ifstream stream(path, std::ifstream::binary);
    if(!stream)
        throw Refused("ArtefactError", "cannot be opened");
    std::unique_ptr<RTNeural::Model<T>> model;
    json parent;
    try
    {
        stream >> parent;
        model = RTNeural::json_parser::parseJson<T>(parent);
    }
    catch(const std::exception& error)
    {
        throw Refused("ArtefactError", std::string("RTNeural throws: ") + error.what());
    }
    if(model == nullptr)
        throw Refused("ArtefactError", "RTNeural returns no model");
    if(model->layers.empty())
        throw Refused("ArtefactError", "RTNeural made a model without layers");
    const auto& shape = parent["in_shape"];
    width = shape.size() == 4 ? shape[2].get<int>() * shape[3].get<int>() : shape.back().get<int>();
    auto have = width;
    for(std::size_t i = 0; i < model->layers.size(); ++i)
    {
        const auto* layer = model->layers[i];
        if(layer->in_size > have)
            throw Refused("ArtefactError",
                "layer " + std::to_string(i) + " of RTNeural's (" + layer->getName() + ") reads "
                    + std::to_string(layer->in_size) + " numbers of " + std::to_string(have) + ", which is undefined");
        have = layer->out_size;
    }
    return model;
}

template <typename T>
void run(const std::string& path, const Arrays& arrays)
{
    int width = 0;
    auto model = load<T>(path, width);
    const auto& x = arrays.at("x");
    if(x.shape.size() != 3 || x.shape[2] != width)
        throw Refused("InputError", "frames do not have the width of in_shape, " + std::to_string(width));
    const auto batch = x.shape[0], time = x.shape[1];
    const auto out = (std::int64_t)model->getOutSize();
    Array y { { batch, time, out }, {} }, seconds { { batch, time }, {} };
    y.values.reserve((std::size_t)(batch * time * out));
    seconds.values.reserve((std::size_t)(batch * time));
    std::vector<T> frame((std::size_t)width);
    for(std::int64_t b = 0; b < batch; ++b)
    {
        model->reset();
        for(std::int64_t t = 0; t < time; ++t)
        {
            const auto* from = x.values.data() + (b * time + t) * width;
            for(int i = 0; i < width; ++i)
                frame[(std::size_t)i] = (T)from[i];
            const auto start = std::chrono::steady_clock::now();
            model->forward(frame.data());
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
            seconds.values.push_back(taken.count());
            const T* result = model->getOutputs();
            y.values.insert(y.values.end(), result, result + out);
        }
    }
    answer(json::object(), { { "y", y }, { "seconds", seconds } });
}

void serve(const json& request, const Arrays& arrays)
{
    const auto what = request.at("do").get<std::string>();
    if(what == "describe")
        answer({ { "compiler", __VERSION__ }, { "alignment", RTNEURAL_DEFAULT_ALIGNMENT } });
    else if(what != "run")
        throw Refused("RuntimeFailure", "unknown request " + what);
    else if(request.value("precision", std::string("float32")) == "float64")
        run<double>(request.at("path").get<std::string>(), arrays);
    else
        run<float>(request.at("path").get<std::string>(), arrays);
}
} // namespace

int main()
{
#ifdef _WIN32
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    for(;;)
    {
        unsigned char head[20];
        if(!readExactly((char*)head, sizeof(head)))
            return 0;
        if(std::memcmp(head, "MPc1", 4) != 0)
            return 2;
        std::string text(littleEndian(head + 4), '\0'), data(littleEndian(head + 12), '\0');
        if(!readExactly(&text[0], text.size()) || !readExactly(&data[0], data.size()))
            return 2;
        try
        {
            serve(json::parse(text), unpack(data));
        }
        catch(const Refused& refusal)
        {
            answer({ { "error", { { "kind", refusal.kind }, { "what", refusal.what() } } } });
        }
        catch(const std::exception& error)
        {
            answer({ { "error", { { "kind", "RuntimeFailure" }, { "what", error.what() } } } });
        }
    }
}
