#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace parley::client {

// A folder of its own for a test, gone afterwards.
class ScratchFolder {
 public:
  ScratchFolder() : ScratchFolder(std::filesystem::temp_directory_path()) {}
  explicit ScratchFolder(const std::filesystem::path& in) {
    std::string path = in / "parley-files-XXXXXX";
    path_ = ::mkdtemp(path.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ / name; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool has(const std::string& name) const {
    return std::filesystem::symlink_status(path_ / name).type() != std::filesystem::file_type::not_found;
  }
  // Every file's content, and every folder as "name/".
  std::map<std::string, std::string> all() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      const std::string name = entry.path().lexically_relative(path_);
      if (entry.is_directory() && !entry.is_symlink()) {
        found[name + "/"] = "";
      } else {
        found[name] = read(name);
      }
    }
    return found;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace parley::client
