#pragma once

// A certificate of a P-256 key and its pin, as `openssl` made them.

namespace parley::test {

constexpr const char* kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBdjCCARugAwIBAgIUUcN8ypakAwBXfhc3qT2j4K8bkmMwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjkwOTU0MTFaGA8yMTI2MTEwNTA5NTQx
MVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJR6
GP7dNoBjKt0YJbp+8YqX89RGfSl0OE9IkFJxNh6pJlP1C2huDDV14nfJlSYAMDZM
SpxgBQCvofaV014+zLGjUzBRMB0GA1UdDgQWBBSFtSDpNixFGH95grLFoRnPWm7q
azAfBgNVHSMEGDAWgBSFtSDpNixFGH95grLFoRnPWm7qazAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0kAMEYCIQDeRXb/7+QFgm0J9TpyMGU6kztNK/bSW3zy
T9peucd6LAIhAPZLOxDUgYgFKSjGEiWWvkOZ3vNgJF+K3HGqNpjFcCQ5
-----END CERTIFICATE-----
)";

constexpr const char* kCertificatePin = "sha256:QY7cXWW-NIa60pddHM0Sb8ZAoouCU0CFsOiveM1zwmo";

}  // namespace parley::test
