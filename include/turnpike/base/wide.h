// 128-bit integers, for products of 64-bit ones.
#pragma once

#ifndef __SIZEOF_INT128__
#include <boost/multiprecision/cpp_int.hpp>
#endif

namespace turnpike::base {

#ifdef __SIZEOF_INT128__
/// A signed integer of 128 bits.
__extension__ using Wide = __int128;
/// The same without a sign.
__extension__ using UnsignedWide = unsigned __int128;
#else  // machines of 32 bits
/// A signed integer of 128 bits.
using Wide = boost::multiprecision::int128_t;
/// The same without a sign.
using UnsignedWide = boost::multiprecision::uint128_t;
#endif

}  // namespace turnpike::base
