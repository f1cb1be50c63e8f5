<?php
require "lib/page.php";
page("welcome");
?>
